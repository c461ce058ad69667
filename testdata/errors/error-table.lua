

error({err='MYCODE words'})
