return redis.call('NO.SUCH')
