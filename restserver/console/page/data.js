// The view of data: keys as a tree, and the value of one.

import { command, must, server, together, unique } from './api.js'
import { $, ask, h } from './dom.js'
import { exact, shown, textOf } from './resp.js'
import { Tree } from './tree.js'

let tree
let cursor = '0' // of the search: '0' is its end
let foreign = 0 // keys that are not UTF-8
let scans = 0 // so that an old search stops when a new one begins

export function startData() {
  tree = new Tree($('tree'), open, tell)
  $('search').addEventListener('submit', (event) => {
    event.preventDefault()
    search()
  })
  $('new-key').addEventListener('click', create)
  $('new-key').hidden = server.readOnly
  search()
}

// refreshData reads again what is shown, which a script may have changed.
export function refreshData() {
  search()
  if (current !== null) open(current)
}

function tell() {
  const n = tree.root.count
  $('count').textContent = `${n.toLocaleString('en')} key${n === 1 ? '' : 's'}${cursor === '0' ? '' : ', searching…'}${foreign ? `; ${foreign} more are not UTF-8, which the protocol cannot send` : ''}`
}

async function search() {
  const pattern = $('pattern').value || '*'
  const mine = ++scans
  tree.clear()
  if (server.readOnly) { // it may not run SCAN
    $('count').textContent = 'A read-only token cannot list keys. Type the name of one.'
    if (!/[*?[\]]/.test(pattern)) open(pattern)
    return
  }
  cursor = '0'
  foreign = 0
  do {
    let reply
    try {
      reply = await must('SCAN', cursor, 'MATCH', pattern, 'COUNT', 1000)
    } catch (e) {
      $('count').textContent = e.message
      return
    }
    if (mine !== scans) return
    cursor = textOf(reply.items[0])
    for (const item of reply.items[1].items) {
      const key = exact(item.bytes)
      if (key === null) foreign++
      else tree.add(key)
    }
    tree.changed()
  } while (cursor !== '0')
}

const size = (n) => (n < 1024 ? `${n} bytes` : n < 1 << 20 ? `${(n / 1024).toFixed(1)} KB` : `${(n / (1 << 20)).toFixed(1)} MB`)

const lasts = (ms) => {
  const s = Math.ceil(ms / 1000)
  return 'expires in ' + (s < 120 ? `${s} s` : s < 7200 ? `${(s / 60).toFixed(1)} min` : s < 172800 ? `${(s / 3600).toFixed(1)} h` : `${(s / 86400).toFixed(1)} days`)
}

let current = null // the key that is shown

let ticking // counts down the time that the key has

// countDown shows in an element how long the key lasts. When it has expired, it is opened again, which tells so.
function countDown(key, element, left) {
  clearInterval(ticking)
  if (left() === null) {
    element.textContent = 'does not expire'
    return
  }
  const tick = () => {
    if (!element.isConnected) clearInterval(ticking)
    else if (left() > 0) element.textContent = lasts(left())
    else {
      clearInterval(ticking)
      open(key)
    }
  }
  element.textContent = lasts(left())
  ticking = setInterval(tick, 500)
}

async function open(key) {
  current = key
  const view = $('value')
  try {
    const [type, ttl, memory] = await together([['TYPE', key], ['PTTL', key], ['MEMORY', 'USAGE', key]])
    if (type.kind === 'error') throw new Error(type.text)
    if (current !== key) return
    const name = textOf(type)
    if (name === 'none') {
      tree.remove(key)
      view.replaceChildren(h('h2', {}, shown(new TextEncoder().encode(key))), h('p', { class: 'hint' }, 'There is no such key.'))
      return
    }
    const end = performance.now() + Number(textOf(ttl))
    const left = () => (Number(textOf(ttl)) < 0 ? null : Math.max(0, end - performance.now())) // in milliseconds
    const expiry = h('span', { id: 'ttl' })
    const kind = kinds[name]
    const body = h('div', {})
    const told = h('span', { id: 'size' }) // how large the value is
    view.replaceChildren(
      h('h2', {}, key === '' ? '""' : key),
      h('p', { class: 'facts' }, h('span', { id: 'type' }, name === 'ReJSON-RL' ? 'JSON' : name), expiry,
        memory.kind === 'integer' ? h('span', {}, size(Number(memory.text)) + ' of memory') : null, told),
      h('div', { class: 'bar' }, button('Refresh', () => open(key)), ...(server.readOnly ? [] : [
        ...(kind?.add ? [button(kind.add.label, () => add(key, kind.add))] : []),
        button('Expiry', () => expire(key, left())), button('Rename', () => rename(key)),
        h('button', { class: 'danger', onclick: () => remove(key) }, 'Delete')])),
      body,
    )
    countDown(key, expiry, left)
    if (!kind) body.append(h('p', { class: 'hint' }, `The console does not know values of type ${name}.`))
    else await kind.show(key, body, told)
  } catch (e) {
    if (current === key) view.replaceChildren(h('h2', {}, key), h('pre', { class: 'bad' }, e.message))
  }
}

const button = (text, onclick, more = {}) => h('button', { type: 'button', onclick, ...more }, text)

// change runs commands and shows the key again, unless the user has chosen another one meanwhile.
const change = (key, run) => async (values) => {
  await run(values)
  if (current === key) await open(key)
}

const add = (key, kind) => ask({ title: kind.label, fields: kind.fields, action: 'Save', save: change(key, (v) => kind.save(key, v)) })

const expire = (key, left) => ask({
  title: 'Expiry', text: 'In seconds. Nothing means that the key does not expire.', action: 'Save',
  fields: [{ name: 'seconds', label: 'Seconds', value: left === null ? '' : String(Math.ceil(left / 1000)) }],
  save: change(key, async ({ seconds }) => {
    if (seconds.trim() === '') return must('PERSIST', key)
    const ms = Math.round(Number(seconds) * 1000)
    if (!(ms > 0)) throw new Error('It must be a number of seconds above 0.')
    return must('PEXPIRE', key, ms)
  }),
})

const rename = (key) => ask({
  title: 'Rename', action: 'Rename', fields: [{ name: 'name', label: 'New name', value: key }],
  async save({ name }) {
    const reply = await must('RENAMENX', key, name)
    if (reply.text === '0') throw new Error('There is a key with this name.')
    tree.remove(key)
    tree.add(name)
    tree.changed()
    tree.select(name)
    await open(name)
  },
})

const remove = (key) => ask({
  title: 'Delete ' + (key === '' ? '""' : key) + '?', action: 'Delete', danger: true,
  async save() {
    await must('DEL', key)
    tree.remove(key)
    current = null
    $('value').replaceChildren(h('p', { class: 'hint' }, 'The key is deleted.'))
  },
})

const create = () => ask({
  title: 'New key', action: 'Create',
  fields: [
    { name: 'key', label: 'Key' },
    { name: 'type', label: 'Type', options: ['string', 'list', 'hash', 'set', 'zset', 'stream', 'JSON'] },
    { name: 'value', label: 'Value, or JSON text', long: true },
    { name: 'field', label: 'Field of a hash or a stream, or score of a sorted set' },
  ],
  async save({ key, type, value, field }) {
    if ((await must('EXISTS', key)).text !== '0') throw new Error('There is a key with this name.')
    const commands = { string: ['SET', key, value], list: ['RPUSH', key, value], hash: ['HSET', key, field, value], set: ['SADD', key, value], zset: ['ZADD', key, field, value], stream: ['XADD', key, '*', field, value], JSON: ['JSON.SET', key, '$', value] }
    await must(...commands[type])
    tree.add(key)
    tree.changed()
    tree.select(key)
    await open(key)
  },
})

// value shows bytes. What is not UTF-8 is escaped.
const value = (r) => {
  const bytes = r.kind === 'string' ? r.bytes : new TextEncoder().encode(textOf(r))
  const text = exact(bytes)
  if (bytes.length > 2000) return `${text === null ? shown(bytes.subarray(0, 500)) : text.slice(0, 2000)}… (${size(bytes.length)})`
  return text === null ? shown(bytes) : text
}

// actions are the buttons of an element; what is not UTF-8 cannot be sent back.
function actions(key, parts, edit, remove) {
  if (server.readOnly) return null
  const texts = parts.map((p) => (p.kind === 'string' ? exact(p.bytes) : textOf(p)))
  const binary = texts.includes(null)
  const more = binary ? { disabled: true, title: 'It is not UTF-8, which the protocol cannot send.' } : {}
  return h('td', { class: 'does' },
    edit ? button('Edit', () => ask({ title: 'Edit', action: 'Save', ...edit(...texts), save: change(key, (v) => edit(...texts).save(v)) }), more) : null, ' ',
    button('Delete', () => change(key, () => remove(...texts))().catch((e) => ask({ title: 'It was not deleted', text: e.message, action: 'Close' })), more))
}

// pages shows a table, and more rows on demand. next returns rows, and whether there are more.
async function pages(body, heads, next) {
  const rows = h('tbody')
  const more = button('More', load)
  more.hidden = true
  body.append(h('table', {}, h('thead', {}, h('tr', {}, heads.map((t) => h('th', { scope: 'col' }, t)), server.readOnly ? null : h('td'))), rows), more)
  async function load() {
    more.disabled = true
    const part = await next()
    rows.append(...part.rows)
    more.disabled = false
    more.hidden = !part.more
  }
  await load()
}

const row = (...cells) => h('tr', {}, cells.map((c) => (c instanceof Node ? c : h('td', {}, c))))

async function count(told, what, ...words) {
  const n = Number(textOf(await must(...words)))
  told.textContent = `${n.toLocaleString('en')} ${n === 1 ? what[0] : what[1]}`
}

const many = 200 // rows of a page

// byScan returns the pages of HSCAN, SSCAN and ZSCAN.
function byScan(name, key, each) {
  let cursor = '0'
  return async () => {
    const reply = await must(name, key, cursor, 'COUNT', many)
    cursor = textOf(reply.items[0])
    return { rows: each(reply.items[1].items), more: cursor !== '0' }
  }
}

// An element of a list has no name, so it is changed only if it is still the same.
const setElement = "if redis.call('LINDEX', KEYS[1], ARGV[1]) ~= ARGV[2] then return redis.error_reply('CHANGED the list has changed: look at it again') end return redis.call('LSET', KEYS[1], ARGV[1], ARGV[3])"
const removeElement = "if redis.call('LINDEX', KEYS[1], ARGV[1]) ~= ARGV[2] then return redis.error_reply('CHANGED the list has changed: look at it again') end redis.call('LSET', KEYS[1], ARGV[1], ARGV[3]) return redis.call('LREM', KEYS[1], 1, ARGV[3])"

const wholeText = 100_000 // bytes of a string that are shown at once

const kinds = {
  string: {
    async show(key, body, told) {
      const length = Number(textOf(await must('STRLEN', key)))
      told.textContent = size(length)
      const pre = h('pre', { id: 'text', tabindex: '0' })
      const bar = h('div', { class: 'bar' })
      body.append(bar, pre)
      const load = async (all) => {
        const reply = all ? await must('GET', key) : await must('GETRANGE', key, 0, wholeText - 1)
        const bytes = reply.bytes ?? new Uint8Array()
        const whole = all || length <= wholeText
        // The end of a part may be in the middle of a character.
        const text = exact(bytes) ?? (whole ? null : exact(bytes.subarray(0, bytes.length - 1)) ?? exact(bytes.subarray(0, bytes.length - 2)) ?? exact(bytes.subarray(0, bytes.length - 3)))
        pre.textContent = text ?? shown(bytes)
        const parts = []
        if (!whole) parts.push(button(`Show all (${size(length)})`, () => load(true)))
        if (text === null) parts.push(h('span', { class: 'hint' }, 'It is not UTF-8, so bytes are shown as \\x…, and it cannot be changed here.'))
        else if (!server.readOnly && whole) parts.push(button('Edit', () => ask({
          title: 'Edit', action: 'Save', fields: [{ name: 'value', label: 'Value', long: true, value: text }],
          save: change(key, (v) => must('SET', key, v.value.replaceAll('\r\n', '\n'), 'XX', 'KEEPTTL')),
        })))
        bar.replaceChildren(...parts)
      }
      await load(false)
    },
  },
  hash: {
    add: { label: 'Add field', fields: [{ name: 'field', label: 'Field' }, { name: 'value', label: 'Value', long: true }], save: (key, v) => must('HSET', key, v.field, v.value) },
    async show(key, body, told) {
      await count(told, ['field', 'fields'], 'HLEN', key)
      await pages(body, ['Field', 'Value'], byScan('HSCAN', key, (items) => pairs(items).map(([f, v]) => row(value(f), value(v), actions(key, [f, v],
        (field, text) => ({ fields: [{ name: 'value', label: field, long: true, value: text }], save: (e) => must('HSET', key, field, e.value) }),
        (field) => must('HDEL', key, field))))))
    },
  },
  list: {
    add: { label: 'Add element', fields: [{ name: 'value', label: 'Value', long: true }, { name: 'end', label: 'Where', options: ['at the end', 'at the beginning'] }], save: (key, v) => must(v.end === 'at the end' ? 'RPUSH' : 'LPUSH', key, v.value) },
    async show(key, body, told) {
      await count(told, ['element', 'elements'], 'LLEN', key)
      let at = 0
      await pages(body, ['Index', 'Element'], async () => {
        const { items } = await must('LRANGE', key, at, at + many - 1)
        const rows = items.map((item, i) => {
          const index = at + i
          return row(String(index), value(item), actions(key, [item],
            (text) => ({ fields: [{ name: 'value', label: `Element ${index}`, long: true, value: text }], save: (e) => must('EVAL', setElement, 1, key, index, text, e.value) }),
            (text) => must('EVAL', removeElement, 1, key, index, text, 'deleted ' + unique())))
        })
        at += items.length
        return { rows, more: items.length === many }
      })
    },
  },
  set: {
    add: { label: 'Add member', fields: [{ name: 'value', label: 'Member', long: true }], save: (key, v) => must('SADD', key, v.value) },
    async show(key, body, told) {
      await count(told, ['member', 'members'], 'SCARD', key)
      await pages(body, ['Member'], byScan('SSCAN', key, (items) => items.map((m) => row(value(m), actions(key, [m], null, (member) => must('SREM', key, member))))))
    },
  },
  zset: {
    add: { label: 'Add member', fields: [{ name: 'score', label: 'Score' }, { name: 'value', label: 'Member', long: true }], save: (key, v) => must('ZADD', key, v.score, v.value) },
    async show(key, body, told) {
      await count(told, ['member', 'members'], 'ZCARD', key)
      let at = 0
      await pages(body, ['Score', 'Member'], async () => {
        const { items } = await must('ZRANGE', key, at, at + many - 1, 'WITHSCORES')
        at += items.length / 2
        return {
          rows: pairs(items).map(([m, s]) => row(value(s), value(m), actions(key, [m, s],
            (member, score) => ({ fields: [{ name: 'score', label: `Score of ${member}`, value: score }], save: (e) => must('ZADD', key, 'XX', e.score, member) }),
            (member) => must('ZREM', key, member)))),
          more: items.length === 2 * many,
        }
      })
    },
  },
  stream: {
    add: { label: 'Add entry', fields: [{ name: 'field', label: 'Field' }, { name: 'value', label: 'Value', long: true }], save: (key, v) => must('XADD', key, '*', v.field, v.value) },
    async show(key, body, told) {
      await count(told, ['entry', 'entries'], 'XLEN', key)
      const groups = await command('XINFO', 'GROUPS', key)
      if (groups.kind === 'list' && groups.items.length) {
        const wanted = ['name', 'consumers', 'pending', 'last-delivered-id', 'lag']
        body.append(h('h3', {}, 'Groups'), h('table', { id: 'groups' }, h('thead', {}, h('tr', {}, wanted.map((t) => h('th', { scope: 'col' }, t)))),
          h('tbody', {}, groups.items.map((g) => {
            const facts = new Map(pairs(g.items).map(([k, v]) => [textOf(k), v]))
            return row(...wanted.map((name) => (facts.has(name) ? value(facts.get(name)) : '')))
          }))), h('h3', {}, 'Entries, the newest first'))
      }
      let end = '+'
      await pages(body, ['ID', 'Fields'], async () => {
        const { items } = await must('XREVRANGE', key, end, '-', 'COUNT', many)
        if (items.length) end = '(' + textOf(items.at(-1).items[0])
        return {
          rows: items.map((e) => row(value(e.items[0]), pairs(e.items[1].items).map(([f, v]) => `${value(f)}: ${value(v)}`).join('\n'), actions(key, [e.items[0]], null, (id) => must('XDEL', key, id)))),
          more: items.length === many,
        }
      })
    },
  },
  'ReJSON-RL': {
    async show(key, body, told) {
      const text = textOf(await must('JSON.GET', key))
      told.textContent = size(text.length)
      let pretty = text
      try {
        if (!/\d{16}/.test(text)) pretty = JSON.stringify(JSON.parse(text), null, 2) // a long number would lose digits
      } catch { /* it is shown as it is */ }
      if (!server.readOnly) body.append(h('div', { class: 'bar' }, button('Edit', () => ask({
        title: 'Edit', action: 'Save', fields: [{ name: 'value', label: 'JSON', long: true, value: pretty }], save: change(key, (v) => must('JSON.SET', key, '$', v.value)),
      }))))
      body.append(h('pre', { id: 'text', tabindex: '0' }, pretty))
    },
  },
}

const pairs = (items) => Array.from({ length: items.length / 2 }, (_, i) => [items[2 * i], items[2 * i + 1]])
