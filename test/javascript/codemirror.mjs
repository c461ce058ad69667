// What the console needs of CodeMirror. The bundle of it is restserver/console/page/codemirror.js.
export { autocompletion, completionKeymap } from '@codemirror/autocomplete'
export { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
export { StreamLanguage, defaultHighlightStyle, HighlightStyle, syntaxHighlighting, bracketMatching, indentUnit } from '@codemirror/language'
export { lua } from '@codemirror/legacy-modes/mode/lua'
export { linter, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
export { Compartment, EditorState, StateEffect, StateField, RangeSet, RangeSetBuilder } from '@codemirror/state'
export { Decoration, EditorView, GutterMarker, gutter, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers, WidgetType } from '@codemirror/view'
export { tags } from '@lezer/highlight'
