// Package lua runs Lua 5.1 as Redis runs it, for the database in memory.
//
// It is not for general use: it has what a script of Redis can see, and that to
// the letter. The messages of the compiler and of run-time errors, the text of
// numbers, and the order in which next walks through a table are those of the
// Lua that Redis carries (PUC-Rio's 5.1.5). Source becomes a tree, and the tree
// becomes Go closures.
//
// A script cannot harm the process: the depth of calls and of syntax is bounded,
// so is memory, every loop counts its steps, and what is counted can be cut off.
package lua
