#!lua flags=allow-oom
-- Reads an announcement log from a position on.
--
-- Also opens the gate, for one caller each second: whoever comes through compares the copy with the store. And a fast
-- log gets what tells its readers of losses: a generation, which is another one when Redis has forgotten it, and an
-- epoch, which is another one after Redis was restarted or another one took its place, each of which may have cost
-- its newest entries. These few bytes are written under OOM too: reading must go on.
--
-- KEYS  1 state hash   2 log list   3 gate
-- ARGV  1 generation of the position (16 bytes), or '' for the oldest entry   2 its sequence   3 the id of its
--       entry (16 bytes), or '' when it is not known   4 most entries, 1 to 100
--       5 generation of a log that is not there (16 bytes), or '' to leave it so   6 how long the gate stays shut, ms
-- Returns
--   {'ABSENT', gate}
--   {'LOG', gate, finding, generation, last, last id or '', dropped, epoch, through, its id or '', then the valid
--       entries}
--       gate      1 if it opened for this call, else 0
--       finding   0: the log continues the position   1: it has another generation
--                 2: it ends before the position      3: another entry stands at the position
--       through   the sequence up to which this reply holds everything; entries only where the finding is 0
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include announcement_log

local state, log, gate = KEYS[1], KEYS[2], KEYS[3]
local generation, id = ARGV[1], ARGV[3]
local position = whole(ARGV[2], 0, LARGEST)
local most = whole(ARGV[4], 1, 100)
local gate_millis = whole(ARGV[6], 1, LONGEST_MILLIS)
if #KEYS ~= 3 or not (generation == '' or is_id(generation)) or not position or not (id == '' or is_id(id))
  or not most or not (ARGV[5] == '' or is_id(ARGV[5])) or not gate_millis then
  return {'BAD_ARGUMENT'}
end
local MOST_BYTES = 262144

local opened = redis.call('SET', gate, '1', 'NX', 'PX', ARGV[6]) and 1 or 0
local found = redis.call('HMGET', state, 'generation', 'last', 'last_id', 'dropped', 'run', 'epoch')
if not found[1] then
  if ARGV[5] == '' then return {'ABSENT', opened} end
  found = {ARGV[5], '0', '', '0', false, '0'}
  redis.call('HSET', state, 'generation', ARGV[5], 'last', '0', 'last_id', '')
  redis.call('PEXPIRE', state, STATE_MILLIS)
elseif opened == 1 then
  redis.call('PEXPIRE', state, STATE_MILLIS)
end
if opened == 1 and ARGV[5] ~= '' then
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
  if found[5] ~= run then
    if found[5] then found[6] = string.format('%.0f', tonumber(string.sub(redis.sha1hex(ARGV[5]), 1, 13), 16)) end
    redis.call('HSET', state, 'run', run, 'epoch', found[6] or '0')
  end
end

local last = whole(found[2], 0, LARGEST) or 0
local last_id = found[3] or ''
local reply = {'LOG', opened, 0, found[1], string.format('%.0f', last), last_id, found[4] or '0', found[6] or '0', '0', ''}
local function is_other(entry_id)
  return id ~= '' and entry_id ~= '' and entry_id ~= id
end
if generation ~= '' and generation ~= found[1] then
  reply[3] = 1
elseif generation ~= '' and position > last then
  reply[3] = 2
elseif generation ~= '' and position == last then
  if is_other(last_id) then reply[3] = 3 end
  reply[9], reply[10] = string.format('%.0f', last), last_id
else
  local length = redis.call('LLEN', log)
  local low, high = 0, length
  if generation == '' then high = 0 end
  while low < high do
    local middle = math.floor((low + high) / 2)
    if sequence_of(redis.call('LINDEX', log, middle)) > position then high = middle else low = middle + 1 end
  end
  local before = generation ~= '' and low > 0 and redis.call('LINDEX', log, low - 1)
  if before and sequence_of(before) == position and is_other(id_of(before)) then
    reply[3] = 3
    return reply
  end
  local now, bytes, through, through_id = now_millis(), 0, position, id
  local first, index = low, low
  local entries = {}
  while index < length and index < first + most do
    -- A few at a time: entries may be large, and the reply is bounded.
    if (index - first) % 10 == 0 then entries = redis.call('LRANGE', log, index, index + 9) end
    local entry = entries[(index - first) % 10 + 1]
    bytes = bytes + #entry
    if index > first and bytes > MOST_BYTES then break end
    through, through_id = sequence_of(entry), id_of(entry)
    if expiry_of(entry) > now then reply[#reply + 1] = entry end
    index = index + 1
  end
  -- Numbers behind the last entry belong to some that expired in the store.
  if index >= length then through, through_id = last, last_id end
  reply[9], reply[10] = string.format('%.0f', through), through_id
end
return reply
