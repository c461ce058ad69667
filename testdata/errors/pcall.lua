return redis.pcall('LPUSH', 's', 'x')
