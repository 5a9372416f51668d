-- Whole numbers over the range of Int64. Below 2^53 a double holds them exactly; beyond, a number is the nearest
-- double and two bytes of residue: 512 plus what is left over, which keeps the order among equal doubles.
local TWO_32, TWO_63 = 4294967296, 9223372036854775808

local function is_large(number)
  return number >= TWO_53 or number <= -TWO_53
end

-- Says whether a double and the residue that `bytes` begin with make a number of Int64.
local function is_whole(number, bytes)
  if not number or number ~= math.floor(number) then return false end
  if not is_large(number) then return true end
  if number > TWO_63 or number < -TWO_63 or #bytes < 2 then return false end
  local residue = struct.unpack('>I2', bytes) - 512
  return residue >= -512 and residue <= 512
    and (number ~= TWO_63 or residue < 0) and (number ~= -TWO_63 or residue >= 0)
end

-- The halves of a number: signed upper, unsigned lower 32 bits.
local function halves(number, residue)
  local high = math.floor(number / TWO_32)
  local low = number - high * TWO_32
  if is_large(number) then low = low + struct.unpack('>I2', residue) - 512 end
  if low < 0 then return high - 1, low + TWO_32 end
  if low >= TWO_32 then return high + 1, low - TWO_32 end
  return high, low
end

-- Reverses `halves`: the nearest double and the residue, '' where there is none.
local function joined(high, low)
  local upper = high * TWO_32
  local number = upper + low
  if not is_large(number) then return number, '' end
  return number, struct.pack('>I2', 512 + low - (number - upper))
end

-- What incr or decr makes of a number and a submitted one, in halves; nil beyond the range. A decrement ends at 0.
local function combined(operator, high, low, other_high, other_low)
  if operator == 'incr' then
    high, low = high + other_high, low + other_low
  else
    high, low = high - other_high, low - other_low
  end
  if low < 0 then
    high, low = high - 1, low + TWO_32
  elseif low >= TWO_32 then
    high, low = high + 1, low - TWO_32
  end
  if operator == 'decr' and high < 0 then return 0, 0 end
  if high < -2147483648 or high > 2147483647 then return nil end
  return high, low
end

-- A subscore in halves, from its bytes in a mark: '=' is 0, else '<' or '>' and the biased number, big end first;
-- `flipped` where its order is another one than the score's.
local function subscore_halves(bytes, flipped)
  if bytes == '=' then return 0, 0 end
  local high, low = struct.unpack('>I4I4', bytes, 2)
  if flipped then high, low = 4294967295 - high, 4294967295 - low end
  return high - 2147483648, low
end

-- Reverses `subscore_halves`.
local function subscore_bytes(high, low, flipped)
  if high == 0 and low == 0 then return '=' end
  local tag = (high < 0) == flipped and '>' or '<'
  high = high + 2147483648
  if flipped then high, low = 4294967295 - high, 4294967295 - low end
  return tag .. struct.pack('>I4I4', high, low)
end
