-- The dead letters by id: attempts, time of death in ms, and the element of the list. At most 1,000.
local function letters()
  local found = {}
  for _, element in ipairs(call('LRANGE', DEAD, 0, -1)) do
    local attempts, died = struct.unpack('<Hd', element, 17)
    found[string.sub(element, 1, 16)] = {attempts = attempts, died = died, element = element}
  end
  return found
end
