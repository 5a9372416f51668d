-- Reads who holds a lease: nonce, server, boot, token, since, wanted_by. The first is false when free.
local function read_holder(lease)
  return redis.call('HMGET', lease, 'nonce', 'server', 'boot', 'token', 'since', 'wanted_by')
end

-- Describes a held lease:
-- {'HELD', nonce, server, boot, token, since (ms since 1970), milliseconds left, server that waits or ''}.
local function describe(lease, holder)
  local left = math.max(redis.call('PTTL', lease), 0)
  return {
    'HELD', holder[1], holder[2] or '', holder[3] or '', holder[4] or '0', holder[5] or '0', left, holder[6] or ''
  }
end
