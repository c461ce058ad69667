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
	for more := true; more; {
		var key []byte
		if key, i, err = checkKey(b, i+1); err != nil {
			return Envelope{}, i, err
		}
		start := space(b, i)
		if i, err = check(b, start, MaxDepth-1); err != nil {
			return Envelope{}, i, err
		}
		if err := e.member(key, b[start:i]); err != nil {
			return Envelope{}, i, err
		}
		i = space(b, i)
		if i >= len(b) || b[i] != ',' && b[i] != '}' {
			return Envelope{}, i, errSyntax
		}
		more = b[i] == ','
	}
	if e.Result == nil && !e.Failed {
		return Envelope{}, i, errSyntax
	}
	return e, i + 1, nil
}

// member takes note of a member of the object, whose value is checked.
func (e *Envelope) member(key, value []byte) error {
	switch string(key) {
	case "result":
		e.Result = value
	case "error":
		switch value[0] {
		case '"':
			e.Error, e.Failed = string(Unescape(value[1:len(value)-1])), true
		case 'n':
		default:
			return errSyntax
		}
	}
	return nil
}

// AtEnd says whether only white space is left in b from i on.
func AtEnd(b []byte, i int) bool { return space(b, i) == len(b) }

// ReadEnvelopes reads an array of n envelopes, has each called with every one of
// them, and says whether b was that and nothing else. Where it was not, some may
// have come to each before that was seen.
func ReadEnvelopes(b []byte, n int, each func(k int, e Envelope)) bool {
	i := space(b, 0)
	if i >= len(b) || b[i] != '[' {
		return false
	}
	for k := range n {
		if k > 0 && (i >= len(b) || b[i] != ',') {
			return false
		}
		e, end, err := ReadEnvelope(b, i+1)
		if err != nil {
			return false
		}
		each(k, e)
		i = space(b, end)
	}
	if n == 0 {
		i = space(b, i+1)
	}
	return i < len(b) && b[i] == ']' && AtEnd(b, i+1)
}
