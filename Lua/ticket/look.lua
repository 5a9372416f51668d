#!lua flags=no-writes
-- Tells what has become of a ticket.
--
-- KEYS  1 tickets   2 waiting   3 ends   4 result of this id
-- ARGV  1 id, at most 512 bytes
-- Returns
--   {'WAITING'}
--   {'MATCHED', id of the match}
--   {'CANCELLED'}
--   {'ABSENT'}   never added, expired, or lost
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include ticket

if #KEYS ~= 4 or #ARGV ~= 1 or not is_text(ARGV[1], 512) then
  return {'BAD_ARGUMENT'}
end

if waiting_ticket(ARGV[1], now_millis(), false) then return {'WAITING'} end
local _, kind, match = read_result(KEYS[4])
if kind == 'C' then return {'CANCELLED'} end
if kind == 'M' then return {'MATCHED', match} end
return {'ABSENT'}
