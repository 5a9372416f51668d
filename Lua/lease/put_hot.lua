#!lua
-- Keeps the last committed save of a record for its next server, while the lease bears the writer's nonce.
--
-- Refused under OOM: a hot copy is a convenience, and memory belongs to leases.
-- The time on the way here does not count towards the copy's age: as long as the lease bears the nonce, nobody else
-- saves but who takes no lease, such as an erasure or a restore of the store, or who had it before Redis went back.
--
-- KEYS  1 lease hash   2 hot copy hash
-- ARGV  1 nonce (16 bytes)   2 version   3 save id (16 bytes)   4 checksum (unsigned 64 bit, decimal)
--       5 document bytes   6 payload, at most 65,536 bytes   7 life of the copy, ms
--       8 how long ago the store had this save as its last one, ms
--       9 what readers without a lease have to know, at most 16,384 bytes, or '' where they must not use it
-- Returns
--   {'STORED'}
--   {'NOT_HELD'}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock

local lease, hot, nonce = KEYS[1], KEYS[2], ARGV[1]
local version, save_id, checksum, document_bytes, payload = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local copy_millis = whole(ARGV[7], 1, LONGEST_MILLIS)
local age, facts = whole(ARGV[8], 0, LONGEST_MILLIS), ARGV[9]
if #KEYS ~= 2 or not is_id(nonce) or not whole(version, 0, LARGEST) or not is_id(save_id)
  or not is_text(checksum, 20) or not string.find(checksum, '^%d+$')
  or not whole(document_bytes, 0, LARGEST) or not is_text(payload, 65536) or not copy_millis
  or not age or type(facts) ~= 'string' or #facts > 16384 then
  return {'BAD_ARGUMENT'}
end

if redis.call('HGET', lease, 'nonce') ~= nonce then
  return {'NOT_HELD'}
end

-- One value, and bound to the save: a build that knows nothing of it leaves it beside a later one's bytes.
local seen = ''
if facts ~= '' then
  seen = save_id .. string.format('%.0f', math.max(now_millis() - age, 0)) .. ':' .. facts
end
redis.call(
  'HSET', hot, 'version', version, 'save_id', save_id, 'checksum', checksum,
  'document_bytes', document_bytes, 'payload', payload, 'seen', seen
)
redis.call('PEXPIRE', hot, copy_millis)
return {'STORED'}
