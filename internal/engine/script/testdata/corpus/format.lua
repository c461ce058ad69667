-- string.format.
--- integers
return string.format('%d %i %5d|%-5d|%05d %+d % d', 42, -42, 42, 42, 42, 42, 42)
--- integers with precision
return string.format('%.3d|%8.3d|%-8.3d|%.0d', 5, 5, 5, 0)
--- fractions as integers
return string.format('%d %d %d', 3.99, -3.99, 0.5)
--- big integers
return string.format('%d %d', 2^53, -2^53)
--- too big integers
return string.format('%d %d %d', 2^63, -2^63, 1e300)
--- nan and inf as integers
return string.format('%d %d', 0/0, 1/0)
--- unsigned
return string.format('%u %o %x %X %#x %#o', 255, 255, 255, 255, 255, 255)
--- unsigned negatives
return string.format('%u %x %X %o', -1, -1, -255, -8)
--- floats
return string.format('%f %.2f %10.3f|%-10.1f|%+f %010.2f', 1.5, 1.005, 3.14159, 2.25, 1, -1.5)
--- float exponents
return string.format('%e %E %.2e %.0e', 12345.678, 0.00012, 1e100, 5)
--- general floats
return string.format('%g %g %g %g %G %.3g %#g', 100000, 1000000, 0.0001, 0.00001, 1e-10, 1234.5, 1)
--- seventeen digits
return string.format('%.17g %.17g %.17g %.17g', 0.1, 1/3, 3.3, 1e15)
--- fourteen digits
return string.format('%.14g %.14g %.14g', 0.1, 1/3, 2^53)
--- special floats
return string.format('%f %f %g %e %5.1f|%-6g|%06g', 1/0, -1/0, 0/0, 1/0, 1/0, 1/0, 1/0)
--- minus zero
return string.format('%d %g %f %.0f', -0.0, -0.0, -0.0, -0.4)
--- rounding halves
return string.format('%.0f %.0f %.0f %.0f %.1f %.1f %.2f', 0.5, 1.5, 2.5, 3.5, 0.25, 0.35, 2.675)
--- huge floats
return string.format('%f', 1e100)
--- small floats
return string.format('%.20f %.3e', 1e-10, 5e-324)
--- characters
return string.format('%c%c%c', 72, 105, 33)
--- zero character
return {string.format('a%cb', 0), #string.format('%c', 0)}
--- strings
return string.format('%s|%5s|%-5s|%.2s|%5.1s', 'abc', 'abc', 'abc', 'abc', 'abc')
--- strings with zero bytes
return {#string.format('%s', 'a\0b'), #string.format('%5s', 'a\0b'), #string.format('%.1s', 'a\0b')}
--- long strings
return {#string.format('%s', ('x'):rep(1000)), #string.format('%10s', ('x'):rep(1000)), #string.format('%.50s', ('x'):rep(1000))}
--- numbers as strings
return string.format('%s %s %s %s', 1, 1.5, 1e20, -0.1)
--- strings as numbers
return string.format('%d %f %x', '42', '1.5', '0xff')
--- quoted
return string.format('%q', 'a "quoted"\nline\\ with \0 zero and \r return')
--- quoted plain
return string.format('%q %q', 'x', '')
--- percent
return string.format('100%% %d%%', 50)
--- nothing to format
return string.format('plain')
--- flags together
return string.format('%+5d|%-+5d|%+05d|% 5d|%#5x|%-#6x|', 1, 2, 3, 4, 5, 6)
--- width and precision of two digits
return string.format('%20d|%-20d|%.20d|%20.10f', 1, 2, 3, 4)
--- invalid conversion
return string.format('%y', 1)
--- invalid conversion later
return string.format('%d %k', 1, 2)
--- ends with a percent
return string.format('%')
--- ends in a conversion
return string.format('x %5')
--- width too long
return string.format('%100d', 1)
--- precision too long
return string.format('%.100f', 1)
--- repeated flags
return string.format('%-----5d', 1)
--- too many flags
return string.format('%-+ #0-5d', 1)
--- missing argument
return string.format('%d')
--- missing later argument
return string.format('%s %s', 1)
--- nil as string
return string.format('%s', nil)
--- boolean as string
return string.format('%s', true)
--- table as string
return string.format('%s', {})
--- string as number
return string.format('%d', 'x')
--- table as number
return string.format('%f', {})
--- nil as number
return string.format('%x', nil)
--- quoted number
return string.format('%q', 5)
--- quoted nil
return string.format('%q', nil)
--- star width
return string.format('%*d', 5, 1)
--- long modifier
return string.format('%ld', 1)
--- pointer
return string.format('%p', {})
--- hex float
return string.format('%a', 1)
--- no format
return string.format()
--- a number as format
return string.format(5)
--- a table as format
return string.format({})
--- arguments too many
return string.format('%d', 1, 2, 3)
--- method
return {('%d-%s'):format(1, 'x'), ('%5.1f'):format(3.14159)}
--- money
return {string.format('$%.2f', 1234.5), string.format('%08.3f', 3.14159), string.format('%d:%02d', 125 / 60, 125 % 60)}
--- score with padding
local t = {} for _, n in ipairs({1, 10, 100, 1000}) do t[#t+1] = string.format('%06d', n) end return t
