using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Requests;

/// <summary>A content in the terms that models of all makers share.</summary>
/// <param name="IsModels">Whether the model said it; else the user did.</param>
/// <param name="Pieces">What of it can be sent, in order: not thoughts alone.</param>
/// <param name="Extra">The content's members without a field, for <see cref="KeptMembers"/>.</param>
internal sealed record PortableMessage(bool IsModels, IReadOnlyList<PortablePiece> Pieces, Struct? Extra = null);

/// <summary>What a part of a content is.</summary>
internal abstract record PortablePiece;

/// <summary>Text.</summary>
internal sealed record TextPiece(string Text) : PortablePiece;

/// <summary>What the model thought. It is of use to the model that thought it alone.</summary>
internal sealed record ThoughtPiece(string Text, Struct? Extra) : PortablePiece;

/// <summary>Media: its bytes, or where it is.</summary>
internal sealed record MediaPiece(string MimeType, ByteString? Data, Uri? Uri) : PortablePiece;

/// <summary>A function that the model asks for. The id is never empty, and may not be the call's own.</summary>
internal sealed record CallPiece(string Id, FunctionCall Call, Struct? Extra = null) : PortablePiece;

/// <summary>What a function returned, under the id of its call.</summary>
internal sealed record ResultPiece(string Id, FunctionResponse Response) : PortablePiece;
