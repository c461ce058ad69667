return {err='insufficient_stock'}
