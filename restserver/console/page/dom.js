// Elements are made of texts only, never of HTML.

export const $ = (id) => document.getElementById(id)

// h makes an element. An attribute on… is a listener, and true is an attribute without a value.
export function h(tag, attributes = {}, ...children) {
  const e = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value)
    else if (value === true) e.setAttribute(name, '')
    else if (value !== false && value != null) e.setAttribute(name, value)
  }
  e.append(...children.flat().filter((c) => c != null))
  return e
}

// copying is a button that copies a text, which is made when it is pressed.
export const copying = (what, text) => h('button', {
  type: 'button', 'aria-label': 'Copy ' + what,
  async onclick({ target }) {
    await copy(text())
    target.textContent = 'Copied'
  },
}, 'Copy')

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = h('textarea') // over http from another machine there is no clipboard
  area.value = text
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

// ask shows a form and returns its values, or null. save gets the values; what it throws is shown, and the form stays.
export function ask({ title, text, fields = [], action, danger, save }) {
  const dialog = $('dialog')
  return new Promise((resolve) => {
    const alert = h('p', { role: 'alert' })
    const inputs = fields.map((f) => {
      let input
      if (f.options) input = h('select', { name: f.name }, f.options.map((o) => h('option', { value: o }, o)))
      else input = h(f.long ? 'textarea' : 'input', { name: f.name, autocomplete: 'off', spellcheck: 'false', type: f.secret ? 'password' : null })
      if (f.value != null) input.value = f.value
      return h('label', {}, f.label, input)
    })
    const finish = (values) => {
      dialog.close()
      dialog.replaceChildren()
      resolve(values)
    }
    const form = h('form', {
      method: 'dialog',
      async onsubmit(event) {
        event.preventDefault()
        const values = Object.fromEntries(new FormData(form))
        try {
          await save?.(values)
        } catch (e) {
          alert.textContent = e.message
          return
        }
        finish(values)
      },
      onkeydown(event) {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit()
      },
    }, h('h2', { id: 'dialog-title' }, title), text ? h('p', { class: 'hint' }, text) : null, ...inputs, alert,
    h('div', { class: 'bar' }, h('button', { type: 'button', onclick: () => finish(null) }, 'Cancel'), h('button', { class: danger ? 'danger' : 'main' }, action)))
    dialog.replaceChildren(form)
    dialog.oncancel = () => finish(null)
    dialog.showModal()
  })
}
