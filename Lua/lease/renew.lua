#!lua flags=allow-oom
-- Extends leases that their nonces still hold, and reports only those that need attention.
--
-- An absent lease is not made again: that takes a new token.
--
-- KEYS  1 to 100 lease hashes
-- ARGV  1 lease, ms   2… the nonce of each lease in the order of KEYS
-- Returns
--   {'OK', then for each lease that needs attention: its position in KEYS (from 1), finding, server}
--       finding 1: absent   2: held by another   3: renewed, and the server waits for it
--   {'BAD_ARGUMENT'}

-- @include arguments

-- Kept as text: turning a number into text for every lease costs a tenth of the whole.
local lease_millis = ARGV[1]
if not whole(lease_millis, 1, LONGEST_MILLIS) or #KEYS < 1 or #KEYS > 100 or #ARGV ~= #KEYS + 1 then
  return {'BAD_ARGUMENT'}
end

local call = redis.call
local reply = {'OK'}
local function report(position, finding, server)
  reply[#reply + 1] = position
  reply[#reply + 1] = finding
  reply[#reply + 1] = server
end

for position = 1, #KEYS do
  local lease = KEYS[position]
  local holder = call('HMGET', lease, 'nonce', 'wanted_by')
  if not holder[1] then
    report(position, 1, '')
  elseif holder[1] ~= ARGV[position + 1] then
    report(position, 2, '')
  else
    call('PEXPIRE', lease, lease_millis)
    if holder[2] then report(position, 3, holder[2]) end
  end
end
return reply
