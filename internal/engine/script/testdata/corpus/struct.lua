-- struct.
--- pack integers
return {struct.pack('b', 1), struct.pack('B', 255), struct.pack('h', -2), struct.pack('H', 65535), struct.pack('i', 1), struct.pack('I', 4294967295), struct.pack('l', -1), struct.pack('L', 1), struct.pack('i4', 258), struct.pack('I2', 258)}
--- pack in both orders
return {struct.pack('>I', 1), struct.pack('<I', 1), struct.pack('>I<I', 1, 1), struct.pack('>h', 258), struct.pack('<h', 258)}
--- pack in the order of the machine
return struct.pack('=I', 1)
--- pack sizes
local t = {} for i = 1, 8 do t[i] = struct.pack('>i' .. i, 1) end return t
--- pack sizes beyond eight
return {pcall(struct.pack, '>i9', 1), pcall(struct.pack, '>i16', -1), #struct.pack('<i32', 1)}
--- pack a size too large
return struct.pack('i33', 1)
--- pack floats
return {struct.pack('>f', 1.5), struct.pack('<f', 1.5), struct.pack('>d', 0.1), struct.pack('<d', -2), struct.pack('>f', 1/0)}
--- pack strings
return {struct.pack('s', 'abc'), struct.pack('c3', 'abcdef'), struct.pack('c0', 'abc'), struct.pack('s', ''), struct.pack('c5', 'abcde')}
--- pack a string that is too short
return struct.pack('c5', 'abc')
--- pack a string with a zero
return struct.pack('s', 'a\0b')
--- pack padding
return {struct.pack('bxb', 1, 2), struct.pack('x'), struct.pack('bxxxb', 1, 2)}
--- pack with spaces
return struct.pack('> b h', 1, 2)
--- pack aligned
return {struct.pack('!4bi', 1, 2), struct.pack('!8bd', 1, 2), struct.pack('!bh', 1, 2), struct.pack('!2bi', 1, 2), struct.pack('!1bi', 1, 2)}
--- pack with an alignment that is not a power of two
return struct.pack('!3bi', 1, 2)
--- pack overflowing integers
return {struct.pack('b', 300), struct.pack('B', -1), struct.pack('>h', 70000), struct.pack('>i', 2^32 + 1), struct.pack('>I', -1)}
--- pack fractions
return {struct.pack('b', 1.9), struct.pack('b', -1.9)}
--- pack huge numbers
return {struct.pack('>l', 2^53), struct.pack('>L', 2^63), struct.pack('>l', -2^53)}
--- pack size_t
return {struct.pack('>T', 5), struct.size('T')}
--- pack an invalid option
return struct.pack('y', 1)
--- pack with a missing value
return struct.pack('bb', 1)
--- pack with no number
return struct.pack('b', 'x')
--- pack with no string
return struct.pack('s', {})
--- pack with nil
return struct.pack('b', nil)
--- pack with too many values
return struct.pack('b', 1, 2, 3)
--- pack with numeric text
return struct.pack('b', '5')
--- pack without a format
return struct.pack()
--- pack with an empty format
return struct.pack('')
--- pack with a table as format
return struct.pack({})
--- unpack integers
return {struct.unpack('>bBhHiI', '\255\255\255\254\255\254\255\255\255\255\255\255\255\255')}
--- unpack in both orders
return {struct.unpack('>I<I', '\0\0\0\1\1\0\0\0')}
--- unpack sizes
return {struct.unpack('>i3', '\255\255\255'), struct.unpack('>I3', '\255\255\255'), struct.unpack('<i5', '\1\0\0\0\0')}
--- unpack longs
return {tostring(struct.unpack('>l', '\255\255\255\255\255\255\255\255')), tostring((struct.unpack('>L', '\255\255\255\255\255\255\255\255')))}
--- unpack floats
return {tostring((struct.unpack('>f', '\63\192\0\0'))), tostring((struct.unpack('>d', '\63\185\153\153\153\153\153\154'))), tostring((struct.unpack('<d', '\0\0\0\0\0\0\240\127')))}
--- unpack strings
return {struct.unpack('s', 'abc\0def'), struct.unpack('c3', 'abcdef'), struct.unpack('bc0', '\3abcdef')}
--- unpack an unfinished string
return struct.unpack('s', 'abc')
--- unpack c0 without a size
return struct.unpack('c0', 'abc')
--- unpack c0 after text
return struct.unpack('c1c0', 'abc')
--- unpack padding
return {struct.unpack('bxb', '\1\0\2')}
--- unpack aligned
return {struct.unpack('!4bi', '\1\0\0\0\2\0\0\0')}
--- unpack too short
return struct.unpack('i', '\1\2')
--- unpack too short later
return struct.unpack('bbb', '\1\2')
--- unpack from a position
return {struct.unpack('b', '\1\2\3', 2), struct.unpack('b', '\1\2\3', 3)}
--- unpack gives the next position
return {struct.unpack('bb', '\1\2\3')}
--- unpack from beyond
return struct.unpack('b', '\1', 5)
--- unpack from zero
return struct.unpack('b', '\1', 0)
--- unpack from a negative position
return struct.unpack('b', '\1\2', -1)
--- unpack nothing
return {struct.unpack('', 'abc')}
--- unpack of a value that is not a string
return struct.unpack('b', {})
--- unpack without a string
return struct.unpack('b')
--- unpack with an invalid option
return struct.unpack('y', 'abc')
--- unpack huge counts
return struct.unpack('c4294967295', 'abc')
--- unpack a count that overflows
return struct.unpack('c99999999999', 'abc')
--- size
return {struct.size('b'), struct.size('h'), struct.size('i'), struct.size('l'), struct.size('f'), struct.size('d'), struct.size('i3'), struct.size('bhi'), struct.size('!4bi'), struct.size('c10'), struct.size('xx')}
--- size of a string
return struct.size('s')
--- size of c0
return struct.size('c0')
--- size of an invalid option
return struct.size('y')
--- size of a count that overflows
return struct.size('c4294967296')
--- size without a format
return struct.size()
--- round trip
return {struct.unpack('>ibsd', struct.pack('>ibsd', -5, 7, 'text', 2.5))}
--- stored and read back
--> EVAL $ 1 k
redis.call('SET', KEYS[1], struct.pack('>I4I2', 100, 7)) return {struct.unpack('>I4I2', redis.call('GET', KEYS[1]))}
