package restserver_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// On a Redis nothing is emulated: the error for a command that it does not have says which version it is, and that the embedded
// database has the command.
func TestCommandsThatRedisDoesNotHave(t *testing.T) {
	realredis.Start(t) // skips the test where there is none
	s := start(t, restserver.Config{Backend: "redis-server"})
	const why = `\. Redis 7\.[\d.]+ does not have this command; the embedded database has it \(redis-rest serve --memory\)"`
	require.Regexp(t, `^{"error":"ERR unknown command 'JSON.SET', with args beginning with: 'k' '\$' '1'`+why+`}$`, post(t, s, "/", command("JSON.SET", "k", "$", "1")).body)
	require.Regexp(t, `^\[{"result":"PONG"},{"error":"ERR unknown command 'xdelex'[^.]*`+why+`}\]$`, post(t, s, "/pipeline", "["+command("PING")+","+command("xdelex", "s", "IDS", "1", "1")+"]").body)
	require.Regexp(t, `EXECABORT .*\[1\] ERR unknown command 'DIGEST'[^.]*`+why, post(t, s, "/multi-exec", "["+command("PING")+","+command("DIGEST", "k")+"]").body)
	require.Equal(t, `{"error":"ERR unknown command 'NO.SUCH', with args beginning with: "}`, post(t, s, "/", command("NO.SUCH")).body, "nobody has it")
	memory := start(t, restserver.Config{Backend: "memory"})
	require.Equal(t, `{"error":"ERR unknown command 'NO.SUCH', with args beginning with: "}`, post(t, memory, "/", command("NO.SUCH")).body)
}
