using GenAI.Chats.Storage.Records;
using Google.Protobuf;

namespace GenAI.Chats.Storage.Transfer;

/// <summary>Lines as proto JSON.</summary>
internal static class TransferJson
{
    // A message's own members may be nested as deep as the contract allows, and each level is several in JSON.
    private const int MaxDepth = 1000;

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);
    private static readonly JsonParser Parser = new(new JsonParser.Settings(MaxDepth));

    /// <summary>A line, without its end.</summary>
    public static string Write(TransferLine line) => Formatter.Format(line);

    /// <summary>Reads a line.</summary>
    /// <exception cref="TransferException">It is none.</exception>
    public static TransferLine Read(string text, long number)
    {
        try
        {
            return Parser.Parse<TransferLine>(text);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or FormatException or InvalidOperationException)
        {
            throw new TransferException($"Line {number} is no line of an export: {exception.Message}");
        }
    }
}
