// Member
