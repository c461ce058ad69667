// The view of scripts: an editor, and what a run replies.

import { command, docs, lint, server } from './api.js'
import * as cm from './codemirror.js'
import { $, h } from './dom.js'
import { asJSON, asRedis, goLine, goType, words } from './resp.js'

const examples = {
  'increment.lua': { keys: 'visits', args: '10' },
  'set_if_higher.lua': { keys: 'score:ada', args: '42' },
  'ratelimit.lua': { keys: 'visits:ada', args: '10 60' },
  'purchase.lua': { keys: 'stock balance', args: '1 5' },
}

const draft = 'redis-rest draft' // what is in the editor, for this tab
const first = "-- Lua for Redis. Ctrl-Enter runs it.\nreturn redis.call('INCR', KEYS[1])\n"

let editor
let source = '' // of the run that is shown

export function startScripts() {
  const kept = JSON.parse(sessionStorage.getItem(draft) ?? 'null') ?? { source: first, keys: 'visits', args: '' }
  $('keys').value = kept.keys
  $('args').value = kept.args
  editor = new cm.EditorView({
    parent: $('editor'),
    state: cm.EditorState.create({
      doc: kept.source,
      extensions: [
        cm.EditorView.cspNonce.of(document.querySelector('script').nonce),
        cm.EditorView.contentAttributes.of({ 'aria-label': 'Script' }),
        cm.keymap.of([{ key: 'Mod-Enter', run: () => { run(); return true } }]),
        cm.lineNumbers(), cm.highlightSpecialChars(), cm.highlightActiveLine(), cm.history(), cm.bracketMatching(), cm.indentUnit.of('  '),
        cm.StreamLanguage.define(cm.lua), cm.syntaxHighlighting(colours), failed,
        cm.autocompletion({ override: [complete] }), cm.linter(check, { delay: 300 }), cm.lintGutter(),
        cm.keymap.of([...cm.completionKeymap, ...cm.lintKeymap, ...cm.historyKeymap, ...cm.defaultKeymap]),
        cm.EditorView.updateListener.of((update) => { if (update.docChanged) keep() }),
      ],
    }),
  })
  for (const id of ['keys', 'args']) {
    $(id).addEventListener('input', keep)
    $(id).addEventListener('keydown', (event) => { if (event.key === 'Enter') run() })
  }
  $('run').addEventListener('click', run)
  for (const name of Object.keys(examples)) $('example').append(h('option', { value: name }, name))
  $('example').addEventListener('change', load)
}

function keep() {
  sessionStorage.setItem(draft, JSON.stringify({ source: text(), keys: $('keys').value, args: $('args').value }))
}

const text = () => editor.state.doc.toString()

async function load() {
  const name = $('example').value
  if (!name) return
  const response = await fetch('/-/quickstart/' + name + '.txt')
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: await response.text() } })
  $('keys').value = examples[name].keys
  $('args').value = examples[name].args
  keep()
}

// The line that failed is marked until the script changes.
const mark = cm.StateEffect.define()
const failed = cm.StateField.define({
  create: () => cm.Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(mark)) return effect.value ? cm.Decoration.set([cm.Decoration.line({ class: 'failed-line' }).range(transaction.state.doc.line(effect.value).from)]) : cm.Decoration.none
    }
    return transaction.docChanged ? cm.Decoration.none : marks
  },
  provide: (field) => cm.EditorView.decorations.from(field),
})

const colours = cm.HighlightStyle.define([
  { tag: cm.tags.keyword, color: 'var(--bad)' },
  { tag: cm.tags.comment, color: 'var(--dim)' },
  { tag: cm.tags.string, color: 'var(--string)' },
  { tag: [cm.tags.number, cm.tags.bool, cm.tags.atom], color: 'var(--number)' },
  { tag: [cm.tags.standard(cm.tags.variableName)], color: 'var(--good)' },
])

// lineOf finds the line of the script in the text of an error.
export function lineOf(message) {
  const found = /, on @user_\w+:(\d+)\.?\s*$/.exec(message) ?? /user_\w+:(\d+):/.exec(message)
  return found ? Number(found[1]) : 0
}

async function run() {
  const out = $('result')
  let keys, args
  try {
    keys = words($('keys').value)
    args = words($('args').value)
  } catch (e) {
    out.replaceChildren(h('pre', { class: 'bad' }, e.message))
    return
  }
  source = text()
  $('run').disabled = true
  const begun = performance.now()
  let reply
  try {
    reply = await command(server.readOnly ? 'EVAL_RO' : 'EVAL', source, keys.length, ...keys, ...args)
  } catch (e) {
    reply = { kind: 'error', text: e.message }
  }
  const took = performance.now() - begun
  $('run').disabled = false
  const line = reply.kind === 'error' ? lineOf(reply.text) : 0
  const lines = editor.state.doc.lines
  editor.dispatch({ effects: mark.of(line > 0 && line <= lines && text() === source ? line : 0) })
  if (line > 0 && line <= lines) editor.dispatch({ effects: cm.EditorView.scrollIntoView(editor.state.doc.line(line).from, { y: 'center' }) })
  out.replaceChildren(
    h('p', { class: 'took' }, `${took.toFixed(1)} ms` + (line ? `; it failed on line ${line}` : '')),
    h('h3', {}, 'Reply'), h('pre', { id: 'reply', class: reply.kind === 'error' ? 'bad' : null, tabindex: '0' }, asRedis(reply)),
    h('h3', {}, 'JSON'), h('pre', { id: 'json', tabindex: '0' }, part(asJSON(reply))),
    h('h3', {}, reply.kind === 'error' ? 'Go' : `Go: ${goType(reply)}`), h('pre', { id: 'go', tabindex: '0' }, goLine(reply, keys, args)),
  )
}

const part = (s) => (s.length > 200_000 ? s.slice(0, 200_000) + ` … (${s.length} characters)` : s)

// check asks for the findings of lint.
async function check(view) {
  let findings
  try {
    findings = await lint(view.state.doc.toString())
  } catch {
    return []
  }
  const doc = view.state.doc
  return findings.filter((f) => f.line >= 1 && f.line <= doc.lines).map((f) => {
    const line = doc.line(f.line)
    const from = Math.min(line.from + Math.max(f.column - 1, 0), line.to)
    const word = /^\w+/.exec(doc.sliceString(from, line.to))
    return { from, to: word ? from + word[0].length : line.to, severity: f.severity === 'note' ? 'info' : f.severity, message: `${f.code}: ${f.message}` }
  })
}

// complete offers commands inside redis.call and redis.pcall.
async function complete(context) {
  const before = context.matchBefore(/(?:redis|server)\.p?call\(\s*['"][\w.|]*/)
  if (!before) return null
  const typed = /[\w.|]*$/.exec(before.text)[0]
  if (!typed && !context.explicit && !/['"]$/.test(before.text)) return null
  const options = []
  for (const [name, doc] of await docs()) {
    options.push({ label: name, detail: doc.syntax.length > 60 ? doc.syntax.slice(0, 60) + '…' : doc.syntax, info: `${doc.summary}. ${arity(doc.arity)}`, type: 'function' })
  }
  return { from: context.pos - typed.length, options, validFor: /^[\w.|]*$/ }
}

function arity(n) {
  const count = Math.abs(n) - 1
  return `It takes ${n < 0 ? 'at least ' : ''}${count} argument${count === 1 ? '' : 's'}.`
}
