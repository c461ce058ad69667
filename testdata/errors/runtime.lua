local x

  return x.y  
