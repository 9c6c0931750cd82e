namespace GenAI.Chats.Models.Requests;

/// <summary>A content in terms that all providers share.</summary>
/// <param name="IsModels">Whether the model said it, not the user.</param>
/// <param name="Pieces">The parts that can be sent, in order. They aren't all thoughts.</param>
/// <param name="Extra">The content's <c>extra</c>, for <see cref="KeptMembers"/>.</param>
internal sealed record PortableMessage(bool IsModels, IReadOnlyList<PortablePiece> Pieces, Struct? Extra = null);

/// <summary>A part of a content.</summary>
internal abstract record PortablePiece;

/// <summary>Text.</summary>
internal sealed record TextPiece(string Text) : PortablePiece;

/// <summary>A thought. Only the model that created it can use it.</summary>
internal sealed record ThoughtPiece(string Text, Struct? Extra) : PortablePiece;

/// <summary>Media: its bytes or its URL.</summary>
internal sealed record MediaPiece(string MimeType, ByteString? Data, Uri? Uri) : PortablePiece;

/// <summary>A function call. Its ID is never empty, and can differ from the call's own.</summary>
internal sealed record CallPiece(string Id, FunctionCall Call, Struct? Extra = null) : PortablePiece;

/// <summary>A function's response, with the ID of its call.</summary>
internal sealed record ResultPiece(string Id, FunctionResponse Response) : PortablePiece;
