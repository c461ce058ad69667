error({err='my_code words'})
