#!lua flags=allow-oom
-- Takes a ticket out of the search for good, unless it has been matched. A repeated request gets the same answer.
--
-- KEYS  1 tickets   2 waiting   3 ends   4 result of this id
-- ARGV  1 id, at most 512 bytes   2 life of the result, ms   3 channel of hints   4 what the hint says
-- Returns
--   {'CANCELLED'}
--   {'MATCHED', id of the match}
--   {'ABSENT'}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include ticket

local id, channel, hint = ARGV[1], ARGV[3], ARGV[4]
local result_millis = whole(ARGV[2], 1, LONGEST_MILLIS)
if #KEYS ~= 4 or #ARGV ~= 4 or not is_text(id, 512) or not result_millis or not is_text(channel, 4096)
  or not is_text(hint, 65536) then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
reclaim_tickets(now)
local ticket = waiting_ticket(id, now, true)
if ticket then
  drop_ticket(id, ticket)
  redis.call('SET', KEYS[4], ticket.nonce .. 'C', 'PX', result_millis)
  redis.pcall('PUBLISH', channel, hint)
  return {'CANCELLED'}
end
local _, kind, match = read_result(KEYS[4])
if kind == 'C' then return {'CANCELLED'} end
if kind == 'M' then return {'MATCHED', match} end
return {'ABSENT'}
