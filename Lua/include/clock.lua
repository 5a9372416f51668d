-- Milliseconds since 1970 by this Redis. TIME is live inside a script: call this once.
local function now_millis()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
