// Package lua compiles and runs Lua 5.1 as Redis does.
//
// It is not for general use: it contains only what a Redis script can see. Error messages, the text of numbers and the order
// of next are those of the Lua in Redis (PUC-Rio 5.1.5). The parser makes a tree of the source. The compiler makes Go closures
// of the tree.
//
// A script cannot harm the process. The depth of calls and of syntax is limited, and so is memory. Every loop counts
// its steps, and Stop ends a script at a step.
package lua
