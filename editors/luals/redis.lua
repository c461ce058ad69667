---@meta
-- What Redis adds to Lua, for the Lua Language Server. Put this file and .luarc.json beside your scripts.

---The keys of a script. In a function they are the first parameter.
---@type string[]
KEYS = {}

---The other arguments of a script. In a function they are the second parameter.
---@type string[]
ARGV = {}

redis = {}

---@alias redis.reply string|number|boolean|table|nil

---Runs a command. An error of the command is raised.
---A missing value is false, a status is {ok = text}, and a list may end at the first false.
---@param command string
---@param ... string|number
---@return redis.reply
function redis.call(command, ...) end

---Runs a command. An error of the command is returned: {err = text}.
---@param command string
---@param ... string|number
---@return redis.reply
function redis.pcall(command, ...) end

---@param text string without a code, such as ERR, Redis adds none
---@return {err: string}
function redis.error_reply(text) end

---@param text string
---@return {ok: string}
function redis.status_reply(text) end

---@param text string
---@return string digest 40 hexadecimal digits
function redis.sha1hex(text) end

---Writes a line to the log of the server.
---@param level integer redis.LOG_DEBUG and so on
---@param ... string|number
function redis.log(level, ...) end

---Chooses the types of the replies to redis.call.
---@param version 2|3
function redis.setresp(version) end

---@param flags integer redis.REPL_ALL and so on
function redis.set_repl(flags) end

---@return true
function redis.replicate_commands() end

---Says whether the user of the connection may run a command.
---@param command string
---@param ... string|number
---@return boolean
function redis.acl_check_cmd(command, ...) end

---Stops under a debugger, before the next statement. It is not in functions, except under redis-rest debug.
---@return boolean stops
function redis.breakpoint() end

---Shows values under a debugger. It is not in functions, except under redis-rest debug.
---@param ... any
function redis.debug(...) end

---Registers a function of a library. It is there only while the library is loaded.
---@param name string
---@param callback fun(keys: string[], args: string[]): any
---@overload fun(options: {function_name: string, callback: (fun(keys: string[], args: string[]): any), flags?: string[], description?: string})
function redis.register_function(name, callback) end

redis.LOG_DEBUG = 0
redis.LOG_VERBOSE = 1
redis.LOG_NOTICE = 2
redis.LOG_WARNING = 3
redis.REPL_NONE = 0
redis.REPL_AOF = 1
redis.REPL_SLAVE = 2
redis.REPL_REPLICA = 2
redis.REPL_ALL = 3
redis.REDIS_VERSION = "7.0.15"
redis.REDIS_VERSION_NUM = 0x07000f

cjson = {}

---@param value any
---@return string
function cjson.encode(value) end

---@param text string
---@return any
function cjson.decode(text) end

---null in JSON. It is not nil.
---@type userdata
cjson.null = nil

---@return table cjson with settings of its own
function cjson.new() end

---@param keep boolean
function cjson.encode_keep_buffer(keep) end

---@param depth integer
function cjson.encode_max_depth(depth) end

---@param depth integer
function cjson.decode_max_depth(depth) end

---@param digits integer from 1 to 14
function cjson.encode_number_precision(digits) end

---@param convert boolean
---@param ratio? integer
---@param safe? integer
function cjson.encode_sparse_array(convert, ratio, safe) end

---@param allow boolean|"null"
function cjson.encode_invalid_numbers(allow) end

---@param allow boolean
function cjson.decode_invalid_numbers(allow) end

---@type string
cjson._NAME = "cjson"
---@type string
cjson._VERSION = ""

cmsgpack = {}

---@param ... any
---@return string
function cmsgpack.pack(...) end

---@param text string
---@return any ...
function cmsgpack.unpack(text) end

---@param text string
---@param offset? integer
---@return integer next -1 at the end
---@return any value
function cmsgpack.unpack_one(text, offset) end

---@param text string
---@param limit integer
---@param offset? integer
---@return integer next -1 at the end
---@return any ...
function cmsgpack.unpack_limit(text, limit, offset) end

---@type string
cmsgpack._NAME = "cmsgpack"
---@type string
cmsgpack._VERSION = ""
---@type string
cmsgpack._COPYRIGHT = ""
---@type string
cmsgpack._DESCRIPTION = ""

struct = {}

---@param format string
---@param ... any
---@return string
function struct.pack(format, ...) end

---@param format string
---@param text string
---@param offset? integer
---@return any ... the values, and the next position
function struct.unpack(format, text, offset) end

---@param format string
---@return integer
function struct.size(format) end

bit = {}

---@param x number
---@return integer
function bit.tobit(x) end

---@param x number
---@param digits? integer negative for upper case
---@return string
function bit.tohex(x, digits) end

---@param x number
---@return integer
function bit.bnot(x) end

---@param x number
---@param ... number
---@return integer
function bit.band(x, ...) end

---@param x number
---@param ... number
---@return integer
function bit.bor(x, ...) end

---@param x number
---@param ... number
---@return integer
function bit.bxor(x, ...) end

---@param x number
---@param n integer
---@return integer
function bit.lshift(x, n) end

---@param x number
---@param n integer
---@return integer
function bit.rshift(x, n) end

---@param x number
---@param n integer
---@return integer
function bit.arshift(x, n) end

---@param x number
---@param n integer
---@return integer
function bit.rol(x, n) end

---@param x number
---@param n integer
---@return integer
function bit.ror(x, n) end

---@param x number
---@return integer
function bit.bswap(x) end
