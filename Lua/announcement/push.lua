#!lua
-- Copies entries of the store's log to Redis, strictly in order: only where the copy stands exactly where the
-- caller saw it. So any number of processes may copy at once.
--
-- KEYS  1 state hash   2 log list
-- ARGV  1 generation that the copy has, or '' where there is none   2 the copy's last sequence
--       3 generation of the store's log (16 bytes)   4 the store's log holds nothing between the copy and this
--       sequence but the entries given   5 1 to begin the copy anew, else 0
--       6 the highest sequence that a copy begun anew leaves out although it may still be valid   7 Pub/Sub channel
--       8 most entries of the copy, 1 to 10,000   9… up to 100 entries in order
-- Returns
--   {'PUSHED'}
--   {'MOVED', generation or '', last}   the copy stands elsewhere
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include announcement_log

local state, log, generation, channel = KEYS[1], KEYS[2], ARGV[3], ARGV[7]
local expected = whole(ARGV[2], 0, LARGEST)
local through = whole(ARGV[4], 0, LARGEST)
local anew = whole(ARGV[5], 0, 1)
local left_out = whole(ARGV[6], 0, LARGEST)
local most = whole(ARGV[8], 1, 10000)
if #KEYS ~= 2 or not (ARGV[1] == '' or is_id(ARGV[1])) or not expected or not is_id(generation) or not through
  or not anew or not left_out or not is_text(channel, 1024) or not most or #ARGV > 108
  or (anew == 0 and ARGV[1] ~= generation) then
  return {'BAD_ARGUMENT'}
end
local entries = {}
local after = anew == 1 and left_out or expected
for index = 9, #ARGV do
  local entry = ARGV[index]
  if not is_entry(entry) or sequence_of(entry) <= after then return {'BAD_ARGUMENT'} end
  after = sequence_of(entry)
  entries[#entries + 1] = entry
end
if through < after then return {'BAD_ARGUMENT'} end

local found = redis.call('HMGET', state, 'generation', 'last', 'last_id')
local last = whole(found[2], 0, LARGEST) or 0
local last_id = found[3] or ''
if (found[1] or '') ~= ARGV[1] or last ~= expected then
  return {'MOVED', found[1] or '', string.format('%.0f', last)}
end

local now = now_millis()
if anew == 1 then
  redis.call('DEL', state, log)
  redis.call('HSET', state, 'dropped', string.format('%.0f', left_out))
  last, last_id = left_out, ''
end
local length, latest = redis.call('LLEN', log), 0
local newest = ''
for index = 1, #entries do
  length = redis.call('RPUSH', log, entries[index])
  latest = math.max(latest, expiry_of(entries[index]))
  if sequence_of(entries[index]) == through then newest = id_of(entries[index]) end
end
if through == last then newest = last_id end
redis.call('HSET', state, 'generation', generation, 'last', string.format('%.0f', through), 'last_id', newest)
local dropped = trim(log, length, most, now)
if dropped then redis.call('HSET', state, 'dropped', string.format('%.0f', dropped)) end
redis.call('PEXPIRE', state, STATE_MILLIS)
if #entries > 0 then
  keep_until(log, latest)
  hint(channel, 'd', generation, last, last_id, entries)
end
return {'PUSHED'}
