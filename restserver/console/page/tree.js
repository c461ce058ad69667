// A tree of keys, of which only the rows that can be seen are elements.

import { h } from './dom.js'

const height = 24 // of a row; style.css has it too
const separator = ':'

class Node {
  constructor(name, path) {
    this.name = name // of this part
    this.path = path // all parts
    this.isKey = false
    this.count = 0 // of keys below it
    this.children = null // by name
    this.sorted = []
    this.fresh = [] // children that are not sorted yet
    this.open = false
  }

  child(name) {
    this.children ??= new Map()
    let node = this.children.get(name)
    if (!node) {
      node = new Node(name, this.path === null ? name : this.path + separator + name)
      this.children.set(name, node)
      this.fresh.push(node)
    }
    return node
  }

  // list returns the children by name. What is new is sorted and merged, so that each part of a large tree costs little.
  list() {
    if (this.fresh.length) {
      const fresh = this.fresh.sort(compare)
      const merged = []
      let i = 0
      for (const node of fresh) {
        while (i < this.sorted.length && compare(this.sorted[i], node) < 0) merged.push(this.sorted[i++])
        merged.push(node)
      }
      while (i < this.sorted.length) merged.push(this.sorted[i++])
      this.sorted = merged
      this.fresh = []
    }
    return this.sorted
  }
}

const compare = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

export class Tree {
  // choose is called with a key that the user has chosen, and tell after each change.
  constructor(element, choose, tell) {
    this.element = element
    this.choose = choose
    this.tell = tell
    this.space = h('div', { role: 'presentation' })
    this.rows = h('div', { role: 'presentation' })
    element.replaceChildren(this.space, this.rows)
    element.addEventListener('scroll', () => this.draw())
    element.addEventListener('keydown', (event) => this.key(event))
    element.addEventListener('click', (event) => {
      const row = event.target.closest('.row')
      if (row) this.use(Number(row.dataset.at), event.target.classList.contains('twist'))
    })
    this.flat = []
    this.active = 0
    this.chosen = null
    this.opened = new Set() // paths of folders that were open before clear
    this.clear()
    new ResizeObserver(() => this.draw()).observe(element)
  }

  // clear takes out all keys. Folders that come again are open as before.
  clear() {
    for (const { node } of this.flat) if (node.open) this.opened.add(node.path)
    this.root = new Node('', null)
    this.flat = []
    this.draw()
  }

  add(key) {
    const path = []
    let node = this.root
    for (const part of key.split(separator)) {
      node = node.child(part)
      if (this.opened.delete(node.path)) node.open = true
      path.push(node)
    }
    if (node.isKey) return
    node.isKey = true
    this.root.count++
    for (const n of path) n.count++
  }

  remove(key) {
    const path = []
    let node = this.root
    for (const part of key.split(separator)) {
      node = node.children?.get(part)
      if (!node) return
      path.push(node)
    }
    if (!node.isKey) return
    node.isKey = false
    this.root.count--
    for (const [i, n] of path.entries()) {
      if (--n.count > 0) continue
      const parent = i ? path[i - 1] : this.root
      parent.list()
      parent.children.delete(n.name)
      parent.sorted = parent.sorted.filter((other) => other !== n)
      if (parent.children.size === 0) parent.children = null
      break
    }
    this.changed()
  }

  // changed draws what add has added, once for each frame.
  changed() {
    this.tell()
    if (this.waiting) return
    this.waiting = true
    requestAnimationFrame(() => {
      this.waiting = false
      this.flatten()
    })
  }

  flatten() {
    this.flat = []
    const walk = (node, depth) => {
      for (const child of node.list()) {
        this.flat.push({ node: child, depth })
        if (child.open && child.children) walk(child, depth + 1)
      }
    }
    walk(this.root, 0)
    this.active = Math.max(0, Math.min(this.active, this.flat.length - 1))
    this.space.style.height = this.flat.length * height + 'px'
    this.draw()
  }

  draw() {
    const from = Math.max(0, Math.floor(this.element.scrollTop / height) - 5)
    const to = Math.min(this.flat.length, Math.ceil((this.element.scrollTop + this.element.clientHeight) / height) + 5)
    const rows = []
    for (let i = from; i < to; i++) {
      const { node, depth } = this.flat[i]
      const row = h('div', {
        class: i === this.active ? 'row active' : 'row', role: 'treeitem', id: 'row-' + i, 'data-at': i, 'aria-level': depth + 1,
        'aria-expanded': node.children ? String(node.open) : null, 'aria-selected': String(node.isKey && node.path === this.chosen),
      }, h('span', { class: 'twist' }, node.children ? (node.open ? '▾' : '▸') : ''), node.name === '' ? '""' : node.name,
      node.children ? h('span', { class: 'many' }, `${separator} ${node.count}`) : null)
      row.style.top = i * height + 'px'
      row.style.paddingLeft = 8 + depth * 16 + 'px'
      rows.push(row)
    }
    this.rows.replaceChildren(...rows)
    if (this.flat.length) this.element.setAttribute('aria-activedescendant', 'row-' + this.active)
    else this.element.removeAttribute('aria-activedescendant')
  }

  // use chooses a key, or opens and closes what is no key.
  use(at, twist = false) {
    this.active = at
    const { node } = this.flat[at]
    if (node.isKey && !twist) {
      this.select(node.path)
      this.choose(node.path)
      return
    }
    if (node.children) node.open = !node.open
    this.flatten()
  }

  select(key) {
    this.chosen = key
    this.draw()
  }

  key(event) {
    const row = this.flat[this.active]
    if (!row) return
    const page = Math.max(1, Math.floor(this.element.clientHeight / height) - 1)
    const go = (at) => {
      this.active = Math.max(0, Math.min(at, this.flat.length - 1))
      const top = this.active * height
      if (top < this.element.scrollTop) this.element.scrollTop = top
      else if (top + height > this.element.scrollTop + this.element.clientHeight) this.element.scrollTop = top + height - this.element.clientHeight
      this.draw()
    }
    switch (event.key) {
      case 'ArrowDown': go(this.active + 1); break
      case 'ArrowUp': go(this.active - 1); break
      case 'PageDown': go(this.active + page); break
      case 'PageUp': go(this.active - page); break
      case 'Home': go(0); break
      case 'End': go(this.flat.length - 1); break
      case 'Enter':
      case ' ': this.use(this.active); break
      case 'ArrowRight':
        if (row.node.children && !row.node.open) {
          row.node.open = true
          this.flatten()
        } else if (row.node.children) go(this.active + 1)
        break
      case 'ArrowLeft':
        if (row.node.open) {
          row.node.open = false
          this.flatten()
        } else {
          let up = this.active
          while (up > 0 && this.flat[up].depth >= row.depth) up--
          go(up)
        }
        break
      default: return
    }
    event.preventDefault()
  }
}
