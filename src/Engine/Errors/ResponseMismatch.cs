namespace GenAI.Chats.Engine.Errors;

/// <summary>Why function responses don't match the open function calls.</summary>
/// <param name="Part">The index of the part that doesn't match. Null: a response is missing.</param>
/// <param name="Member">The member of the part's function response that doesn't match. Empty: the response itself.</param>
/// <param name="Rule">The rule that is broken.</param>
internal readonly record struct ResponseMismatch(int? Part, string Member, string Rule);
