package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGen(t *testing.T) {
	dir := t.TempDir()
	root := filepath.ToSlash(dir)
	put := func(path, text string) {
		path = filepath.Join(dir, filepath.FromSlash(path))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	gen := func(args ...string) (out string, err error) {
		t.Helper()
		out, _, err = run(t, "", append([]string{"gen"}, args...)...)
		return out, err
	}
	put("a/a.go", "package a\n")
	put("b/inner/b.go", "package inner\n")
	put("plain/plain.go", "package plain\n")
	put("assets/five.lua", "---@return any\nreturn 1") // no package
	put("a/one.lua", "---@key k\n---@return integer?\nreturn redis.call('GET', KEYS[1])")
	put("b/inner/two.lua", "---@return any\nreturn 1")
	put("plain/three.lua", "return 1")
	put("testdata/four.lua", "---@key unread\nreturn 1")

	// First the folders in a folder, then one.
	_, err := gen("--check", root+"/...")
	require.EqualError(t, err, root+"/a/scripts_gen.go is not what redis-rest gen writes: run redis-rest gen "+root+"/a\n"+
		root+"/b/inner/scripts_gen.go is not what redis-rest gen writes: run redis-rest gen "+root+"/b/inner")
	require.Equal(t, 1, status(err))
	require.NoFileExists(t, filepath.Join(dir, "a", "scripts_gen.go"))
	out, err := gen(root + "/...")
	require.NoError(t, err)
	require.Equal(t, root+"/a/scripts_gen.go\n"+root+"/b/inner/scripts_gen.go\n", out)
	_, err = gen("--check", root+"/...")
	require.NoError(t, err)
	code, err := os.ReadFile(filepath.Join(dir, "a", "scripts_gen.go"))
	require.NoError(t, err)
	put("a/scripts_gen.go", strings.ReplaceAll(string(code), "\n", "\r\n"))
	out, err = gen(root+"/a", root+"/b/inner")
	require.NoError(t, err)
	require.Empty(t, out, "what is right is not written again")

	put("a/one.lua", "---@key key\n---@return integer?\nreturn redis.call('GET', KEYS[1])")
	_, err = gen("--check", root+"/a")
	require.ErrorContains(t, err, "a/scripts_gen.go is not what")
	out, err = gen(root + "/a")
	require.NoError(t, err)
	require.Equal(t, root+"/a/scripts_gen.go\n", out)

	// A folder whose scripts have lost their annotations is told.
	put("b/inner/two.lua", "return 1")
	_, err = gen("--check", root+"/...")
	require.ErrorContains(t, err, "b/inner: no .lua file has annotations")
	_, err = gen(root + "/plain")
	require.ErrorContains(t, err, "plain: no .lua file has annotations")
	_, err = gen(root + "/plain/...")
	require.ErrorContains(t, err, "plain/...: no .lua file has annotations")
	_, err = gen(root + "/none")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = gen(root + "/none/...")
	require.ErrorIs(t, err, os.ErrNotExist)

	// A mistake names its place, and a file of somebody else stays.
	out, err = gen(root+"/testdata", root+"/a")
	require.ErrorContains(t, err, root+"/testdata/four.lua:1:4: nothing reads KEYS[1], which is unread (A03)")
	require.Empty(t, out)
	put("a/scripts_gen.go", "package a\n")
	_, err = gen(root + "/a")
	require.ErrorContains(t, err, "a/scripts_gen.go was not written by redis-rest gen: rename it")

	t.Chdir(filepath.Join(dir, "b", "inner"))
	put("b/inner/two.lua", "---@return integer\nreturn 1")
	out, err = gen()
	require.NoError(t, err)
	require.Equal(t, "scripts_gen.go\n", out)
}

// The generated files of this project are what the program writes.
func TestGeneratedFiles(t *testing.T) {
	t.Chdir("../..")
	_, _, err := run(t, "", "gen", "--check", "./...")
	require.NoError(t, err)
}
