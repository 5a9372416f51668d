-- The largest number that Lua's doubles, and so tokens, may hold exactly: 2^53 - 1.
local LARGEST = 9007199254740991
-- The longest lease, beat or time to live: 400 days in milliseconds.
local LONGEST_MILLIS = 34560000000

-- Reads a decimal number from low to high; nil for anything else, a missing argument included.
local function whole(text, low, high)
  if type(text) ~= 'string' or #text > 16 or not string.find(text, '^%d+$') then return nil end
  local number = tonumber(text)
  if number < low or number > high then return nil end
  return number
end

-- Says whether an argument is a 16-byte random id.
local function is_id(bytes)
  return type(bytes) == 'string' and #bytes == 16
end

-- Says whether an argument is text of 1 to `most` bytes.
local function is_text(bytes, most)
  return type(bytes) == 'string' and #bytes >= 1 and #bytes <= most
end
