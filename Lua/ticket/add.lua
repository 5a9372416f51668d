#!lua
-- Adds a ticket. A repeated request is recognised by its nonce, also after the ticket was matched or cancelled.
--
-- KEYS  1 tickets   2 waiting   3 ends   4 result of this id
-- ARGV  1 id, at most 512 bytes   2 JSON, at most 2,048 bytes   3 life, ms, at most a day   4 nonce (8 bytes)
--       5 most tickets that wait, 1 to 10,000   6 channel of hints
-- Returns
--   {'ADDED'}
--   {'TAKEN'}   the id belongs to another ticket, or did a moment ago
--   {'FULL'}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include ticket

local id, document, nonce, channel = ARGV[1], ARGV[2], ARGV[4], ARGV[6]
local life = whole(ARGV[3], 1, LONGEST_WAIT)
local most = whole(ARGV[5], 1, 10000)
if #KEYS ~= 4 or #ARGV ~= 6 or not is_text(id, 512) or not is_text(document, 2048) or not life or #nonce ~= 8
  or not most or not is_text(channel, 4096) then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
reclaim_tickets(now)
local known = read_result(KEYS[4])
local found = waiting_ticket(id, now, true)
if found then known = found.nonce end
if known then
  return {known == nonce and 'ADDED' or 'TAKEN'}
end
if redis.call('ZCARD', KEYS[3]) >= most then
  return {'FULL'}
end

local ticket = {since = now, ends = now + life}
redis.call('HSET', KEYS[1], id, struct.pack('>I6I6', ticket.since, ticket.ends) .. nonce .. document)
redis.call('ZADD', KEYS[2], 0, place_of(id, ticket))
redis.call('ZADD', KEYS[3], ticket.ends, id)
-- No ticket outlives this.
for index = 1, 3 do redis.call('PEXPIRE', KEYS[index], 2 * LONGEST_WAIT) end
redis.pcall('PUBLISH', channel, '+')
return {'ADDED'}
