#!lua
-- Matches tickets, all of them or none: each must still wait, and be the one that was read.
--
-- A repeated request is recognised by the match, which bears a fresh id.
--
-- KEYS  1 tickets   2 waiting   3 ends   4 match   then the result of each ticket
-- ARGV  1 id of the match   2 its JSON, at most 524,288 bytes   3 life of match and results, ms
--       4 channel of hints   5 what the hint says   then for each ticket: id, nonce (8 bytes); 1 to 100 tickets
-- Returns
--   {'MATCHED'}
--   {'GONE', ids of those that no longer wait}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include ticket

local match, document, channel, hint = ARGV[1], ARGV[2], ARGV[4], ARGV[5]
local result_millis = whole(ARGV[3], 1, LONGEST_MILLIS)
local count = #KEYS - 4
if count < 1 or count > 100 or #ARGV ~= 5 + 2 * count or not is_text(match, 64) or not is_text(document, 524288)
  or not result_millis or not is_text(channel, 4096) or not is_text(hint, 131072) then
  return {'BAD_ARGUMENT'}
end

if redis.call('EXISTS', KEYS[4]) == 1 then
  return {'MATCHED'}
end
local now = now_millis()
local tickets, gone = {}, {'GONE'}
for index = 1, count do
  local id, nonce = ARGV[4 + 2 * index], ARGV[5 + 2 * index]
  local ticket = waiting_ticket(id, now, false)
  if ticket and ticket.nonce == nonce then
    tickets[index] = ticket
  else
    gone[#gone + 1] = id
  end
end
if #gone > 1 then
  return gone
end

redis.call('SET', KEYS[4], document, 'PX', result_millis)
for index = 1, count do
  drop_ticket(ARGV[4 + 2 * index], tickets[index])
  redis.call('SET', KEYS[4 + index], tickets[index].nonce .. 'M' .. match, 'PX', result_millis)
end
redis.pcall('PUBLISH', channel, hint)
return {'MATCHED'}
