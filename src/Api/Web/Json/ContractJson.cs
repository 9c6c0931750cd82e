using System.Text.Encodings.Web;
using System.Text.Json;
using GenAI.Chats.Models.Json;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Api.Web.Json;

/// <summary>
/// The proto JSON of the contract's messages. The messages of content.proto, and their unknown members, are converted by <see cref="RestJson"/>.
/// </summary>
internal static class ContractJson
{
    /// <summary>Options for reading: names are unique, and the depth leaves room for the messages around a content.</summary>
    public static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = RestJson.MaxDepth + 40, AllowDuplicateProperties = false };

    /// <summary>Options for writing. The JSON is never embedded in a page.</summary>
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly FileDescriptor ContentFile = Content.Descriptor.File;

    /// <summary>Indicates whether a type's JSON is that of the Gemini API.</summary>
    public static bool IsContent(MessageDescriptor type) => type.File == ContentFile;

    /// <summary>Returns the fields that correspond to members.</summary>
    public static FieldDescriptor? FindField(MessageDescriptor type, string name) =>
        type.Fields.InDeclarationOrder().FirstOrDefault(field => field.JsonName == name || field.Name == name);
}
