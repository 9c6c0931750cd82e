using System.Buffers;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Requests;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>The body of a chat completion request.</summary>
internal static class OpenAiRequestBody
{
    /// <summary>Writes the body.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: a field isn't supported. The message names it.</exception>
    public static ReadOnlyMemory<byte> Write(ModelRequest request, IReadOnlyList<Content> history, OpenAiOptions options)
    {
        var contents = NewContents().Read(history, request.Contents);
        var body = new JsonObject
        {
            ["model"] = request.Model,
            ["messages"] = OpenAiMessages.Of(request.Config?.SystemInstruction, contents, options.Source),
        };
        if (request.Stream)
        {
            body["stream"] = true;
            body["stream_options"] = new JsonObject { ["include_usage"] = true };
        }

        if (request.Config is { } config)
        {
            OpenAiConfig.AddTo(body, config, options.IsOpenAisOwn);
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = RestJson.CreateWriter(buffer))
        {
            body.WriteTo(writer);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Checks the config and contents, without the history.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: a field isn't supported. The message names it.</exception>
    public static void Check(GenerateContentConfig? config, IReadOnlyList<Content> contents)
    {
        NewContents().Check(contents);
        if (config is not null)
        {
            OpenAiConfig.AddTo([], config, isOpenAisOwn: false);
        }
    }

    private static PortableContents NewContents() => new(OpenAiMessages.TakesMedia, OpenAiConfig.Provider);
}
