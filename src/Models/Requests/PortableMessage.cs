using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Requests;

/// <summary>A content in the terms that models of all makers share.</summary>
/// <param name="IsModels">Whether the model said it; else the user did.</param>
/// <param name="Pieces">What of it can be sent, in order. Not empty.</param>
internal sealed record PortableMessage(bool IsModels, IReadOnlyList<PortablePiece> Pieces);

/// <summary>What a part of a content is.</summary>
internal abstract record PortablePiece;

/// <summary>Text.</summary>
internal sealed record TextPiece(string Text) : PortablePiece;

/// <summary>Media: its bytes, or where it is.</summary>
internal sealed record MediaPiece(string MimeType, ByteString? Data, Uri? Uri) : PortablePiece;

/// <summary>A function that the model asks for. The id is never empty.</summary>
internal sealed record CallPiece(string Id, string Name, Struct Arguments) : PortablePiece;

/// <summary>What a function returned, under the id of its call.</summary>
internal sealed record ResultPiece(string Id, string Name, Struct Response) : PortablePiece;
