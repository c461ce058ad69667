-- Lua for Redis in Neovim 0.10 or later: the debugger, for nvim-dap, and diagnostics. Put this file into ~/.config/nvim/lua, and
-- write require('redis-rest') into init.lua.
local found, dap = pcall(require, 'dap')
if found then
  dap.adapters['redis-lua'] = { type = 'executable', command = 'redis-rest', args = { 'debug', '--dap' } }
  local function words(prompt)
    return function()
      return vim.split(vim.fn.input(prompt), ' ', { trimempty = true })
    end
  end
  dap.configurations.lua = vim.list_extend(dap.configurations.lua or {}, {
    {
      type = 'redis-lua',
      request = 'launch',
      name = 'Redis: debug this script',
      program = '${file}',
      keys = words('KEYS: '),
      args = words('ARGV: '),
      stopOnEntry = true,
      stopAtEnd = true,
    },
  })
end

local namespace = vim.api.nvim_create_namespace('redis-rest')
local severity = { error = vim.diagnostic.severity.ERROR, warning = vim.diagnostic.severity.WARN, note = vim.diagnostic.severity.INFO }

local function lint(buffer)
  local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n') .. '\n'
  if not (text:find('redis%.p?call') or text:find('redis%.register_function') or text:find('^#!lua')) then
    vim.diagnostic.reset(namespace, buffer) -- other Lua, such as that of Neovim
    return
  end
  vim.system({ 'redis-rest', 'lint', '--format', 'json', '-' }, { stdin = text, text = true }, function(result)
    local ok, findings = pcall(vim.json.decode, result.stdout)
    if not ok then
      return
    end
    vim.schedule(function()
      if not vim.api.nvim_buf_is_valid(buffer) then
        return
      end
      local list = {}
      for _, f in ipairs(findings) do
        table.insert(list, { lnum = f.line - 1, col = f.column - 1, message = f.message, code = f.code, source = 'redis-rest', severity = severity[f.severity] })
      end
      vim.diagnostic.set(namespace, buffer, list)
    end)
  end)
end

vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufWritePost', 'InsertLeave' }, {
  pattern = '*.lua',
  callback = function(event)
    lint(event.buf)
  end,
})
