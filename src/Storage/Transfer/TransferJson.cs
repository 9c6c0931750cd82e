namespace GenAI.Chats.Storage.Transfer;

/// <summary>Writes and reads lines as proto JSON.</summary>
internal static class TransferJson
{
    // Messages can be nested as deep as the wire contract allows, and each level is several levels of JSON.
    private const int MaxDepth = 1000;

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);
    private static readonly JsonParser Parser = new(new JsonParser.Settings(MaxDepth));

    /// <summary>Returns a line, without its end.</summary>
    public static string Write(TransferLine line) => Formatter.Format(line);

    /// <summary>Reads a line.</summary>
    /// <exception cref="TransferException">The line isn't valid.</exception>
    public static TransferLine Read(string text, long number)
    {
        try
        {
            return Parser.Parse<TransferLine>(text);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException or FormatException or InvalidOperationException)
        {
            throw new TransferException($"Line {number}: not a valid export record: {exception.Message}");
        }
    }
}
