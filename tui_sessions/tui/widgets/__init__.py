"""What the screens are made of; widgets know no engine: data comes down, messages go up."""
