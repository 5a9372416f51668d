-- Waiting tickets live in three keys: KEYS 1 tickets (hash: id to packed ticket), 2 waiting (sorted set, all scores 0:
-- the time of arrival in 6 bytes and the id, so that the oldest comes first), 3 ends (sorted set: id by end, ms since
-- 1970). A packed ticket is its arrival and its end (6 bytes each, ms since 1970), the nonce of the request that added
-- it (8 bytes), and its JSON.
--
-- Hints go out by pcall: one that fails, for want of a permission for example, must not take the rest with it.
--
-- A ticket that was matched or cancelled leaves a result under a key of its own: the nonce, then M and the match's id,
-- or C.

-- The longest that a ticket waits: a day.
local LONGEST_WAIT = 86400000

local function unpack_ticket(packed)
  local since, ends = struct.unpack('>I6I6', packed)
  return {
    since = since, ends = ends, nonce = string.sub(packed, 13, 20), document = string.sub(packed, 21)
  }
end

local function place_of(id, ticket)
  return struct.pack('>I6', ticket.since) .. id
end

local function drop_ticket(id, ticket)
  redis.call('HDEL', KEYS[1], id)
  redis.call('ZREM', KEYS[2], place_of(id, ticket))
  redis.call('ZREM', KEYS[3], id)
end

-- The ticket that waits under an id; false when there is none, or when it has expired, which it then is dropped for
-- where `drops` is set.
local function waiting_ticket(id, now, drops)
  local packed = redis.call('HGET', KEYS[1], id)
  if not packed then return false end
  local ticket = unpack_ticket(packed)
  if ticket.ends > now then return ticket end
  if drops then drop_ticket(id, ticket) end
  return false
end

-- Drops up to 100 expired tickets.
local function reclaim_tickets(now)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, 100)) do
    local packed = redis.call('HGET', KEYS[1], id)
    if packed then
      drop_ticket(id, unpack_ticket(packed))
    else
      -- The tickets have vanished, and their ends are left.
      redis.call('ZREM', KEYS[3], id)
    end
  end
end

-- Reads a result: nonce, M or C, id of the match.
local function read_result(key)
  local result = redis.call('GET', key)
  if not result then return false end
  return string.sub(result, 1, 8), string.sub(result, 9, 9), string.sub(result, 10)
end
