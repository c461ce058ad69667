package wire

// An Envelope is the JSON object around each reply: {"result": X} or
// {"error": "CODE message"}.
type Envelope struct {
	Result []byte // the JSON text of X; nil if there is none
	Error  string // the message, unescaped
	Failed bool   // there is an error
}

// ReadEnvelope reads the object that starts in b at or after i and returns the
// index after it. It fails if this is not an object with a result or with
// an error that is a string. A null error counts as no error. If there are
// both, the error is used. Other members are ignored.
func ReadEnvelope(b []byte, i int) (e Envelope, end int, err error) {
	i = Space(b, i)
	if i >= len(b) || b[i] != '{' {
		return Envelope{}, i, errSyntax
	}
	for more := true; more; {
		var key []byte
		if key, i, err = checkKey(b, i+1); err != nil {
			return Envelope{}, i, err
		}
		start := Space(b, i)
		if i, err = check(b, start, MaxDepth-1); err != nil {
			return Envelope{}, i, err
		}
		if err := e.member(key, b[start:i]); err != nil {
			return Envelope{}, i, err
		}
		i = Space(b, i)
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

// member records a member of the object. Its value has been checked.
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
func AtEnd(b []byte, i int) bool { return Space(b, i) == len(b) }

// ReadEnvelopes reads an array of n envelopes, calls each with every
// envelope, and says whether b contains exactly that. If not, each may have been
// called for some of them already.
func ReadEnvelopes(b []byte, n int, each func(k int, e Envelope)) bool {
	i := Space(b, 0)
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
		i = Space(b, end)
	}
	if n == 0 {
		i = Space(b, i+1)
	}
	return i < len(b) && b[i] == ']' && AtEnd(b, i+1)
}
