import TestServers

extension PrivateRedis {
    /// Keeps copies of all keys.
    func takeNote() throws {
        try command(
            "EVAL",
            """
            for _, key in ipairs(redis.call('KEYS', '*')) do
              if not key:find(':kept$') then redis.call('COPY', key, key .. ':kept', 'REPLACE') end
            end
            """, "0")
    }

    /// Puts the copies in the place of all keys, in one step: what a Redis does that lost its newest writes.
    func goBack() throws {
        try command(
            "EVAL",
            """
            local keys = redis.call('KEYS', '*')
            for _, key in ipairs(keys) do
              if not key:find(':kept$') then redis.call('DEL', key) end
            end
            for _, key in ipairs(keys) do
              if key:find(':kept$') then redis.call('COPY', key, key:sub(1, -6)) end
            end
            """, "0")
    }
}
