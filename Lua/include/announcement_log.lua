-- An announcement log: a list of entries in order of their sequence, and a state hash with the fields generation,
-- last (the highest sequence), last_id (of the entry that has it, '' where there is none), dropped (the highest
-- sequence that gave way while it was still valid), run (of the Redis that was asked last) and epoch (a number
-- drawn whenever that changes; one that counted could go back with the rest).
--
-- An entry is its sequence (16 digits), its id (16 bytes), when it was published and when it expires (16 digits
-- each, ms since 1970), then the message.
local HEADER = 64
local NO_ID = string.rep('\0', 16)
-- A hint carries the entries themselves up to this size, so that most readers need not ask.
local MOST_HINT_BYTES = 8192
-- The state outlives every entry; whoever reads keeps it.
local STATE_MILLIS = '4320000000'

local function digits(number)
  return string.format('%016.0f', number)
end

local function sequence_of(entry)
  return tonumber(string.sub(entry, 1, 16))
end

local function id_of(entry)
  return string.sub(entry, 17, 32)
end

local function expiry_of(entry)
  return tonumber(string.sub(entry, 49, 64))
end

-- Says whether an argument is an entry that pads and spells its numbers as above.
local function is_entry(bytes)
  return type(bytes) == 'string' and #bytes > HEADER and #bytes <= HEADER + 65536
    and string.find(string.sub(bytes, 1, 16), '^%d+$') and string.find(string.sub(bytes, 33, 64), '^%d+$')
end

-- Takes what expired, or is more than `most`, from the old end; at most 200 entries a call.
-- Returns the highest sequence that was still valid, or nil.
local function trim(log, length, most, now)
  local dropped
  for _ = 1, 200 do
    if length == 0 then break end
    local oldest = redis.call('LINDEX', log, 0)
    local valid = expiry_of(oldest) > now
    if valid and length <= most then break end
    redis.call('LPOP', log)
    length = length - 1
    if valid then dropped = sequence_of(oldest) end
  end
  return dropped
end

-- Lets the list live as long as its longest entry.
local function keep_until(log, expiry)
  if redis.call('PEXPIRETIME', log) < expiry then
    redis.call('PEXPIREAT', log, string.format('%.0f', expiry))
  end
end

-- Tells subscribers that entries follow the one at `after`, and which where they are small. Only a hint: that it
-- cannot be sent changes nothing.
local function hint(channel, flavour, generation, after, after_id, entries)
  local parts = {flavour, generation, digits(after), after_id == '' and NO_ID or after_id}
  local bytes = 0
  for index = 1, #entries do
    bytes = bytes + #entries[index]
    parts[#parts + 1] = string.format('%08d', #entries[index])
    parts[#parts + 1] = entries[index]
  end
  if bytes > MOST_HINT_BYTES then parts = {parts[1], parts[2], parts[3], parts[4]} end
  redis.pcall('PUBLISH', channel, table.concat(parts))
end
