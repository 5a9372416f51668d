#!lua
-- Takes the lease of one record and mints its fencing token.
--
-- Free: taken. Held by this nonce (a repeated request): extended; the same token, unless the floor has
-- reached it. Held by the boot that the caller found dead: taken over. Held by another: left alone, except
-- that the caller's wish to take over is recorded if it has one; the last asker is remembered.
-- The token exceeds the counter, the floor and the token of the lease that is replaced.
-- Refused under OOM: a new lease needs memory.
--
-- KEYS  1 lease hash   2 token counter   3 hot copy hash
-- ARGV  1 nonce (16 bytes)   2 server   3 boot (16 bytes)   4 lease, ms   5 floor
--       6 dead boot (16 bytes) or ''   7 1 to ask for a hand-over, else 0   8 life of the counter, ms
-- Returns
--   {'ACQUIRED', token, 1 if a dead boot's lease was taken else 0}, and where there is a hot copy also
--       version, save id, checksum, document bytes, payload
--   {'HELD', nonce, server, boot, token, since, ms left, server that waits or ''}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include holder

local lease, counter, hot = KEYS[1], KEYS[2], KEYS[3]
local nonce, server, boot, dead_boot = ARGV[1], ARGV[2], ARGV[3], ARGV[6]
local lease_millis = whole(ARGV[4], 1, LONGEST_MILLIS)
local floor = whole(ARGV[5], 0, LARGEST - 1)
local asks = whole(ARGV[7], 0, 1)
local counter_millis = whole(ARGV[8], 1, LONGEST_MILLIS)
if #KEYS ~= 3 or not is_id(nonce) or not is_text(server, 256) or not is_id(boot)
  or not (dead_boot == '' or is_id(dead_boot))
  or not (lease_millis and floor and asks and counter_millis) then
  return {'BAD_ARGUMENT'}
end

local holder = read_holder(lease)
local mine = holder[1] == nonce
local dead = holder[1] and not mine and dead_boot ~= '' and holder[3] == dead_boot
if holder[1] and not mine and not dead then
  if asks == 1 then
    redis.call('HSET', lease, 'wanted_by', server, 'wanted_nonce', nonce)
    holder[6] = server
  end
  return describe(lease, holder)
end

-- A counter or token that is no number counts as 0: the store's fence then raises the floor.
local counted = whole(redis.call('GET', counter), 0, LARGEST - 1) or 0
local held = whole(holder[4], 0, LARGEST - 1) or 0
local token = math.max(counted, held, floor) + 1
if mine and held > floor then token = held end
local copy = redis.call('HMGET', hot, 'version', 'save_id', 'checksum', 'document_bytes', 'payload')
local written = string.format('%.0f', token)
local since = mine and holder[5] or string.format('%.0f', now_millis())

-- Only the holder itself keeps what others wished of it.
if holder[1] and not mine then redis.call('DEL', lease) end
redis.call('HSET', lease, 'nonce', nonce, 'server', server, 'boot', boot, 'token', written, 'since', since)
redis.call('PEXPIRE', lease, lease_millis)
redis.call('SET', counter, string.format('%.0f', math.max(counted, token)), 'PX', counter_millis)

local reply = {'ACQUIRED', written, dead and 1 or 0}
if copy[1] and copy[2] and copy[3] and copy[4] and copy[5] then
  for index = 1, 5 do reply[3 + index] = copy[index] end
end
return reply
