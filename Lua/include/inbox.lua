-- An inbox: a list of the ids that wait (oldest first), a sorted set of those that were taken by when they are
-- delivered again, a hash of messages, a hash of how often each was delivered, and a sorted set of the ids that were
-- acknowledged by when that was.
--
-- A message is when it was sent and when it expires (16 digits each, ms since 1970), then its bytes. An id without a
-- message is passed over.
local DONE_MILLIS = 600000
local MOST_DONE = 2000

local function digits(number)
  return string.format('%016.0f', number)
end

local function expiry_of(message)
  return tonumber(string.sub(message, 17, 32))
end

-- Lets a key live at least until a time, where it is there.
local function keep_until(key, time)
  local ends = redis.call('PEXPIRETIME', key)
  if ends ~= -2 and ends < time then redis.call('PEXPIREAT', key, string.format('%.0f', time)) end
end
