// The view of scripts: an editor, and what a run replies.

import { command, commandUntil, docs, lint, server, steps, trace } from './api.js'
import * as cm from './codemirror.js'
import { $, ask, copying, h } from './dom.js'
import { asJSON, asRedis, goLine, goType, words } from './resp.js'
import { showSteps } from './steps.js'

const examples = {
  'increment.lua': { keys: 'visits', args: '10' },
  'set_if_higher.lua': { keys: 'score:ada', args: '42' },
  'ratelimit.lua': { keys: 'visits:ada', args: '10 60' },
  'purchase.lua': { keys: 'stock balance', args: '1 5' },
}

const draft = 'redis-rest draft' // what is in the editor, for this tab
const first = "-- Lua for Redis. Ctrl-Enter runs it.\nreturn redis.call('INCR', KEYS[1])\n"

let editor
let unchanged = '' // the input that the user has not changed
let example = '' // that is chosen
let source = '' // of the run that is shown

export function startScripts() {
  const begin = { source: first, keys: 'visits', args: '' }
  unchanged = JSON.stringify(begin)
  const kept = JSON.parse(sessionStorage.getItem(draft) ?? 'null') ?? begin
  $('keys').value = kept.keys
  $('args').value = kept.args
  editor = new cm.EditorView({
    parent: $('editor'),
    state: cm.EditorState.create({
      doc: kept.source,
      extensions: [
        cm.EditorView.cspNonce.of(document.querySelector('script').nonce),
        cm.EditorView.contentAttributes.of({ 'aria-label': 'Script', tabindex: '0' }),
        cm.keymap.of([{ key: 'Mod-Enter', run: () => { run(); return true }, shift: () => { follow(); return true } },
          { key: 'F9', run: (view) => { toggle(view, view.state.doc.lineAt(view.state.selection.main.head).from); return true } }]),
        breakpoints, breakpointGutter, cm.lineNumbers(), costs, cm.highlightSpecialChars(), cm.highlightActiveLine(), cm.history(), cm.bracketMatching(), cm.indentUnit.of('  '),
        cm.StreamLanguage.define(cm.lua), cm.syntaxHighlighting(colours), failed, traced, current,
        cm.autocompletion({ override: [complete] }), cm.linter(check, { delay: 300 }), cm.lintGutter(),
        cm.keymap.of([...cm.completionKeymap, ...cm.lintKeymap, ...cm.historyKeymap, ...cm.defaultKeymap]),
        cm.EditorView.updateListener.of((update) => { if (update.docChanged) keep() }),
      ],
    }),
  })
  for (const id of ['keys', 'args']) {
    $(id).addEventListener('input', keep)
    $(id).addEventListener('keydown', (event) => { if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) run() })
  }
  $('scripts').addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.key !== 'Enter' || !event.ctrlKey && !event.metaKey) return // the editor has taken it
    event.preventDefault()
    if (event.shiftKey) follow()
    else run()
  })
  $('run').addEventListener('click', run)
  $('trace').addEventListener('click', follow)
  $('debug').addEventListener('click', debug)
  $('stop').addEventListener('click', () => stop?.())
  if (server.backend && (!server.embedded || server.readOnly)) {
    const why = server.embedded ? 'A read-only token cannot trace or debug scripts.' : 'Traces and the debugger need the embedded database: a Redis does not tell what its scripts do.'
    $('hint').textContent = 'Ctrl-Enter runs the script. Tab leaves the editor. ' + why
    $('trace').disabled = $('debug').disabled = true
  }
  for (const name of Object.keys(examples)) $('example').append(h('option', { value: name }, name))
  $('example').addEventListener('change', load)
}

const input = () => JSON.stringify({ source: text(), keys: $('keys').value, args: $('args').value })

function keep() {
  sessionStorage.setItem(draft, input())
  if ($('old')) $('old').hidden = shownOf === input()
}

let shownOf = '' // the input of the result that is shown

// old says above a result that its input has changed.
function old(of) {
  shownOf = of
  $('result').prepend(h('p', { id: 'old', role: 'status', hidden: of === input() }, 'The script, KEYS or ARGV have changed since.'))
}

const text = () => editor.state.doc.toString()

async function load() {
  const name = $('example').value
  if (!name) return
  if (text().trim() && input() !== unchanged && !await ask({ title: 'Replace the script?', text: 'The script, KEYS and ARGV become those of the example.', action: 'Replace' })) {
    $('example').value = example
    return
  }
  const response = await fetch('/-/quickstart/' + name + '.txt')
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: await response.text() }, userEvent: 'input.example' }) // an undo of its own
  $('keys').value = examples[name].keys
  $('args').value = examples[name].args
  example = name
  unchanged = input()
  keep()
}

// lineMark makes an effect that marks a line with a class until the script changes, and the field that holds the mark.
function lineMark(name) {
  const set = cm.StateEffect.define()
  const field = cm.StateField.define({
    create: () => cm.Decoration.none,
    update(marks, transaction) {
      for (const effect of transaction.effects) {
        if (effect.is(set)) return effect.value ? cm.Decoration.set([cm.Decoration.line({ class: name }).range(transaction.state.doc.line(effect.value).from)]) : cm.Decoration.none
      }
      return transaction.docChanged ? cm.Decoration.none : marks
    },
    provide: (field) => cm.EditorView.decorations.from(field),
  })
  return [set, field]
}

const [mark, failed] = lineMark('failed-line')

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

let stop = null // ends the script that runs; null if none does

// during waits for a run. Meanwhile no other can begin, and Stop calls end.
async function during(end, run) {
  const able = ['run', 'trace', 'debug'].map($).filter((b) => !b.disabled)
  const focused = able.find((b) => b === document.activeElement)
  for (const b of able) b.disabled = true
  $('stop').disabled = false
  stop = end
  try {
    return await run
  } finally {
    stop = null
    for (const b of able) b.disabled = false
    // A button that is disabled loses the focus.
    if (document.activeElement === $('stop')) (focused ?? $('run')).focus()
    else if (document.activeElement === document.body) focused?.focus()
    $('stop').disabled = true
  }
}

// tell says above the result what Stop does.
function tell(text, bad) {
  $('stopping')?.remove()
  $('result').prepend(h('pre', { id: 'stopping', class: bad ? 'bad' : null }, text))
}

// kill ends the script of a run with SCRIPT KILL. Without the permission for that it aborts the request, upon which the server ends the script.
async function kill(abort) {
  const mine = stop
  $('stop').disabled = true
  tell('Stopping…' + (server.embedded ? '' : ' A Redis ends no script before it has run for 5 seconds.'))
  let reply
  do {
    if (reply) await new Promise((again) => setTimeout(again, 100))
    reply = await command('SCRIPT', 'KILL').catch((e) => ({ kind: 'error', text: e.message }))
  } while (stop === mine && reply.text?.startsWith('NOTBUSY')) // it has not begun, or it runs on another node of a cluster
  if (stop !== mine || reply.kind !== 'error') return // the run itself tells that it was killed
  if (/^NOPERM|not available over REST/.test(reply.text)) abort.abort()
  else {
    $('stop').disabled = false
    tell(`The script goes on: ${reply.text}`, true)
  }
}

const stopped = (e) => e.name === 'AbortError'

async function run() {
  if (stop) return
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
  const of = input()
  const begun = performance.now()
  const abort = new AbortController()
  let reply
  try {
    reply = await during(() => kill(abort), commandUntil(abort.signal, server.readOnly ? 'EVAL_RO' : 'EVAL', source, keys.length, ...keys, ...args))
  } catch (e) {
    reply = { kind: 'error', text: stopped(e) ? server.embedded ? 'The script was stopped.' : 'This token may not stop scripts: the server stops it at its time limit.' : e.message }
  }
  const took = performance.now() - begun
  const line = reply.kind === 'error' ? lineOf(reply.text) : 0
  const lines = editor.state.doc.lines
  editor.dispatch({ effects: [show.of(null), here.of(0), mark.of(line > 0 && line <= lines && text() === source ? line : 0)] })
  if (line > 0 && line <= lines) editor.dispatch({ effects: cm.EditorView.scrollIntoView(editor.state.doc.line(line).from, { y: 'center' }) })
  out.replaceChildren(
    h('p', { class: 'took' }, `${took.toFixed(1)} ms` + (line ? `; it ${reply.text.includes('killed by user') ? 'was stopped' : 'failed'} on line ${line}` : '')),
    heading('Reply', 'the reply', () => asRedis(reply, Infinity)), h('pre', { id: 'reply', class: reply.kind === 'error' ? 'bad' : null, tabindex: '0' }, asRedis(reply)),
    heading('JSON', 'the JSON', () => asJSON(reply)), h('pre', { id: 'json', tabindex: '0' }, part(asJSON(reply))),
    heading(reply.kind === 'error' ? 'Go' : `Go: ${goType(reply)}`, 'the Go', () => goLine(reply, keys, args)), h('pre', { id: 'go', tabindex: '0' }, goLine(reply, keys, args)),
  )
  old(of)
}

// heading is above what may be shown in part, and its button copies the whole.
const heading = (title, what, whole) => h('div', { class: 'heading' }, h('h3', {}, title), copying(what, whole))

// The trace is beside the lines until the script changes: how often each ran and for how long, and below it its calls of Redis.
const show = cm.StateEffect.define()
const nothing = { lines: new Map(), calls: cm.Decoration.none }
const traced = cm.StateField.define({
  create: () => nothing,
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(show)) return effect.value ? beside(effect.value, transaction.state.doc) : nothing
    }
    return transaction.docChanged ? nothing : shown
  },
  provide: (field) => cm.EditorView.decorations.from(field, (shown) => shown.calls),
})

function beside(report, doc) {
  const undeclared = report.keys.filter((k) => !k.declared).map((k) => k.key)
  const byLine = Map.groupBy(report.calls.filter((c) => c.line >= 1 && c.line <= doc.lines), (c) => c.line)
  const widgets = [...byLine].sort(([a], [b]) => a - b).map(([line, calls]) => cm.Decoration.widget({ widget: new Calls(calls, undeclared), block: true, side: 1 }).range(doc.line(line).to))
  return { lines: new Map(report.lines.map((l) => [l.line, l])), calls: cm.Decoration.set(widgets) }
}

const shownCalls = 5 // of a line

class Calls extends cm.WidgetType {
  constructor(calls, undeclared) {
    super()
    this.calls = calls
    this.undeclared = undeclared
  }

  toDOM() {
    const rows = this.calls.slice(0, shownCalls).map((c) => {
      const hidden = c.words.slice(1).some((w) => this.undeclared.includes(w))
      return h('div', { class: c.error ? 'bad-call' : null }, `${brief(c.words.map(word).join(' '))} → ${brief(c.error ? c.error : notation(c.reply))} `,
        h('span', { class: 'took' }, time(c.time)), hidden ? h('span', { class: 'undeclared' }, ' not declared') : null)
    })
    if (this.calls.length > shownCalls) rows.push(h('div', {}, `… and ${this.calls.length - shownCalls} more`))
    return h('div', { class: 'calls' }, rows)
  }
}

const brief = (s) => (s.length > 160 ? s.slice(0, 160) + '…' : s)
const word = (s) => (/^[^\s"'\\]+$/.test(s) ? s : JSON.stringify(s))
const time = (ns) => (ns < 1e6 ? `${(ns / 1e3).toFixed(1)} µs` : `${(ns / 1e6).toFixed(1)} ms`)
const notation = (v) => (v === null ? '(nil)' : typeof v === 'object' ? JSON.stringify(v) : typeof v === 'string' ? JSON.stringify(v) : String(v))

class Cost extends cm.GutterMarker {
  constructor(line) {
    super()
    this.line = line
  }

  toDOM() { return h('span', { title: `It ran ${this.line.hits} times, in ${time(this.line.time)}` }, `${this.line.hits}× ${time(this.line.time)}`) }
}

const costs = cm.gutter({
  class: 'costs',
  lineMarker(view, block) {
    const line = view.state.field(traced).lines.get(view.state.doc.lineAt(block.from).number)
    return line ? new Cost(line) : null
  },
  lineMarkerChange: (update) => update.startState.field(traced) !== update.state.field(traced),
})

const [here, current] = lineMark('current-line') // of a step

// Breakpoints stay with their lines.
class Breakpoint extends cm.GutterMarker {
  toDOM() { return h('span', { class: 'breakpoint', title: 'Breakpoint' }, '●') }
}
const breakpoint = new Breakpoint()
const flip = cm.StateEffect.define()
const breakpoints = cm.StateField.define({
  create: () => cm.RangeSet.empty,
  update(set, transaction) {
    set = set.map(transaction.changes)
    for (const effect of transaction.effects) {
      if (!effect.is(flip)) continue
      let there = false
      set.between(effect.value, effect.value, () => { there = true })
      set = there ? set.update({ filter: (from) => from !== effect.value }) : set.update({ add: [breakpoint.range(effect.value)] })
    }
    return set
  },
})

const toggle = (view, at) => view.dispatch({ effects: flip.of(at) })

const breakpointGutter = cm.gutter({
  class: 'breakpoints',
  markers: (view) => view.state.field(breakpoints),
  initialSpacer: () => breakpoint,
  domEventHandlers: {
    mousedown(view, line) {
      toggle(view, line.from)
      return true
    },
  },
})

function stops() {
  const lines = new Set()
  for (const it = editor.state.field(breakpoints).iter(); it.value; it.next()) lines.add(editor.state.doc.lineAt(it.from).number)
  return lines
}

// debug runs the script on a copy of the data, and shows its steps.
async function debug() {
  const out = $('result')
  const of = input()
  let recorded, keys, args
  try {
    keys = words($('keys').value)
    args = words($('args').value)
    source = text()
    const abort = new AbortController()
    recorded = await during(() => abort.abort(), steps(abort.signal, 'EVAL', source, keys.length, ...keys, ...args))
  } catch (e) {
    refused(e)
    return
  }
  const ran = source
  editor.dispatch({ effects: [show.of(null), mark.of(0)] })
  const list = (all) => brief(`{${all.map(notation).join(', ')}}`)
  showSteps(out, recorded, [['KEYS', list(keys)], ['ARGV', list(args)]], stops, (line) => {
    if (text() !== ran || line < 1 || line > editor.state.doc.lines) return
    editor.dispatch({ effects: [here.of(line), cm.EditorView.scrollIntoView(editor.state.doc.line(line).from, { y: 'nearest' })] })
  })
  old(of)
}

// refused shows why there is no trace and there are no steps.
function refused(e) {
  const line = lineOf(e.message)
  if (line > 0 && line <= editor.state.doc.lines) editor.dispatch({ effects: mark.of(line) })
  $('result').replaceChildren(h('pre', { class: 'bad', id: 'reply' }, stopped(e) ? 'The script was stopped.' : e.message))
}

// follow traces the script on a copy of the data.
async function follow() {
  if ($('trace').disabled) return
  const out = $('result')
  const of = input()
  let report
  try {
    const keys = words($('keys').value)
    const args = words($('args').value)
    source = text()
    const abort = new AbortController()
    report = await during(() => abort.abort(), trace(abort.signal, 'EVAL', source, keys.length, ...keys, ...args))
  } catch (e) {
    refused(e)
    return
  }
  const line = report.error ? lineOf(report.error) : 0
  const reply = report.error ? '(error) ' + report.error : notation(report.reply)
  if (text() === source) editor.dispatch({ effects: [show.of(report), here.of(0), mark.of(line > 0 && line <= editor.state.doc.lines ? line : 0)] })
  const rows = (list) => list.map((cells) => h('tr', {}, cells.map((c) => h('td', {}, c))))
  const table = (id, heads, list) => h('table', { id }, h('thead', {}, h('tr', {}, heads.map((t) => h('th', { scope: 'col' }, t)))), h('tbody', {}, rows(list)))
  out.replaceChildren(...[
    h('p', { class: 'took' }, `${time(report.time)} on a copy; the data are as they were` + (line ? `; it failed on line ${line}` : '')),
    heading('Reply', 'the reply', () => reply), h('pre', { id: 'reply', class: report.error ? 'bad' : null, tabindex: '0' }, part(reply)),
    h('h3', {}, 'Changes'),
    report.changes.length ? table('changes', ['Key', 'Before', 'After'], report.changes.map((c) => [c.key, part(c.before ?? '(nothing)'), c.after === undefined ? '(nothing)' : part(c.after) + (c.expires ? `\nexpires at ${c.expires}` : '\nno expiry')]))
      : h('p', { class: 'hint' }, 'It changes nothing.'),
    h('h3', {}, 'Keys'),
    report.keys.length ? table('touched', ['Key', 'Use', ''], report.keys.map((k) => [k.key, k.written ? 'written' : 'read', k.declared ? 'declared' : h('strong', { class: 'undeclared' }, 'not declared')]))
      : h('p', { class: 'hint' }, 'It touches no key.'),
    report.lost ? h('p', { class: 'hint' }, `${report.lost} more calls were not kept.`) : null,
  ].filter((e) => e !== null))
  old(of)
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
    options.push({ label: name, detail: doc.syntax.length > 60 ? doc.syntax.slice(0, 60) + '…' : doc.syntax, info: `${doc.summary}. ${arity(doc.arity)}`, type: 'function', apply: close })
  }
  return { from: context.pos - typed.length, options, validFor: /^[\w.|]*$/ }
}

// close puts in a command and the quote after it, unless that is there.
function close(view, { label }, from, to) {
  const quote = view.state.sliceDoc(from - 1, from)
  const insert = label + (view.state.sliceDoc(to, to + 1) === quote ? '' : quote)
  view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + label.length + 1 }, scrollIntoView: true, userEvent: 'input.complete' })
}

function arity(n) {
  const count = Math.abs(n) - 1
  return `It takes ${n < 0 ? 'at least ' : ''}${count} argument${count === 1 ? '' : 's'}.`
}
