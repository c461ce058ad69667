package wire

// An Envelope is what the server wraps each reply in: {"result": X} or
// {"error": "CODE message"}.
type Envelope struct {
	Result []byte // the text of X; nil where there is none
	Error  string // the message, unescaped
	Failed bool   // there is an error
}

// ReadEnvelope reads the object that starts in b at or after i and returns the
// index behind it. It fails on anything that is not an object with a result or
// an error that is a string. An error that is null is no error; where both are
// given, the error wins. Other members are passed over.
func ReadEnvelope(b []byte, i int) (e Envelope, end int, err error) {
	i = space(b, i)
	if i >= len(b) || b[i] != '{' {
		return Envelope{}, i, errSyntax
	}
	end, err = Check(b, i)
	if err != nil {
		return Envelope{}, end, err
	}
	c := Cursor{b: b[:end], i: i}
	for c.Enter(); c.More(); {
		switch string(c.Key()) {
		case "result":
			e.Result = c.Skip()
		case "error":
			switch c.Kind() {
			case '"':
				e.Error, e.Failed = string(Unescape(c.String())), true
			case 'n':
				c.Skip()
			default:
				return Envelope{}, end, errSyntax
			}
		default:
			c.Skip()
		}
	}
	if e.Result == nil && !e.Failed {
		return Envelope{}, end, errSyntax
	}
	return e, end, nil
}

// AtEnd says whether only white space is left in b from i on.
func AtEnd(b []byte, i int) bool { return space(b, i) == len(b) }

// ReadEnvelopes reads an array of n envelopes, and says whether b was that and
// nothing else.
func ReadEnvelopes(b []byte, n int) ([]Envelope, bool) {
	i := space(b, 0)
	if i >= len(b) || b[i] != '[' {
		return nil, false
	}
	envelopes := make([]Envelope, n)
	for k := range envelopes {
		if k > 0 {
			if i >= len(b) || b[i] != ',' {
				return nil, false
			}
		}
		var err error
		if envelopes[k], i, err = ReadEnvelope(b, i+1); err != nil {
			return nil, false
		}
		i = space(b, i)
	}
	if n == 0 {
		i = space(b, i+1)
	}
	return envelopes, i < len(b) && b[i] == ']' && AtEnd(b, i+1)
}
