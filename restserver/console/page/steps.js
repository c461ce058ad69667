// The steps of a run: a slider goes back and forth through it.

import { h } from './dom.js'

// showSteps shows a run that the server has recorded, with the names and values that it was given. breakpoints returns the lines with one, and mark marks the line of a step.
export function showSteps(out, { steps, more, reply }, given, breakpoints, mark) {
  let at = 0 // the step that is shown; steps.length is the end
  const last = more ? steps.length - 1 : steps.length
  const slider = h('input', { type: 'range', id: 'slider', min: 0, max: last, value: 0, 'aria-label': 'Step', oninput: () => go(Number(slider.value)) })
  const where = h('p', { id: 'step', role: 'status' })
  const about = h('div')
  const button = (id, text, title, to) => h('button', { id, title, onclick: () => go(to()) }, text)
  // find returns the next step in a direction that begins a statement of a line with a breakpoint, or the last one.
  const find = (direction) => {
    const lines = breakpoints()
    let i = at + direction
    while (i > 0 && i < last && !(lines.has(steps[i].line) && !steps[i].call && !steps[i].error)) i += direction
    return i
  }
  out.replaceChildren(
    h('div', { class: 'bar' },
      button('to-break-back', '« Breakpoint', 'The breakpoint before', () => find(-1)), button('back', '‹ Back', 'The step before', () => at - 1),
      button('forth', 'Step ›', 'The next step', () => at + 1), button('to-break', 'Breakpoint »', 'The next breakpoint', () => find(1))),
    slider, where, about)

  function go(to) {
    at = Math.max(0, Math.min(to, last))
    slider.value = String(at)
    if (at === steps.length) {
      where.textContent = 'The end'
      mark(0)
      about.replaceChildren(h('h3', {}, 'Reply'), h('pre', { id: 'reply', tabindex: '0' }, reply))
      return
    }
    const step = steps[at]
    const rest = more && at === last ? ' The run is longer than what is recorded.' : ''
    where.textContent = `Step ${at + 1} of ${steps.length}, line ${step.line}.${rest}`
    mark(step.line)
    about.replaceChildren(...[
      step.call ? h('pre', { id: 'call', tabindex: '0' }, `${step.call} → ${step.reply}`) : null,
      step.error ? h('pre', { id: 'raised', class: 'bad', tabindex: '0' }, step.error) : null,
      ...step.stack.map((frame, i) => variables(frame, i === 0 ? earlier(frame) : null, i)),
    ].filter((e) => e !== null))
  }

  // earlier returns the variables of the function at the step before, if it was the same one.
  const earlier = (frame) => {
    const before = at > 0 ? steps[at - 1].stack[0] : null
    return before?.name === frame.name ? new Map(before.variables) : null
  }

  const variables = (frame, before, i) => h('div', {},
    h('h3', {}, `${frame.name}, line ${frame.line}`),
    i > 0 && frame.variables.length === 0 ? h('p', { class: 'hint' }, 'No variables.')
      : h('table', { id: i === 0 ? 'variables' : null }, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Variable'), h('th', { scope: 'col' }, 'Value'))),
        h('tbody', {}, (i === 0 ? given : []).map(([name, value]) => h('tr', {}, h('td', {}, name), h('td', {}, value))), frame.variables.map(([name, value]) => h('tr', { class: before && before.get(name) !== value ? 'changed' : null }, h('td', {}, name), h('td', {}, value))))))

  go(0)
}
