using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Errors;

/// <summary>Bytes that break the gRPC protocol are the client's failure: it is told so, and the server logs no error.</summary>
public sealed class FrameTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    private const int MaxMessageBytes = 64 * 1024 * 1024;

    private static readonly byte[] Message = new CreateChatRequest { Model = "echo" }.ToByteArray();

    private static readonly Dictionary<string, (byte[] Body, string? Encoding)> Malformed = new()
    {
        ["nothing"] = ([], null),
        ["half a header"] = ([0, 0], null),
        ["an unknown flag"] = ([2, .. Framed(0, Message)[1..]], null),
        ["an unknown flag alone"] = ([0xff], null),
        ["half a message"] = (Framed(0, Message)[..^1], null),
        ["a header without its message"] = (Framed(0, Message)[..5], null),
        ["data after the message"] = ([.. Framed(0, Message), 0], null),
        ["two messages"] = ([.. Framed(0, Message), .. Framed(0, Message)], null),
        ["compressed, with no compression"] = (Framed(1, Packed(Message)), null),
        ["compressed, with identity"] = (Framed(1, Packed(Message)), "identity"),
        ["no gzip"] = (Framed(1, Message), "gzip"),
        ["half of a gzip body"] = (Framed(1, Packed(Message)[..12]), "gzip"),
        ["a gzip body that is damaged"] = (Framed(1, [.. Packed(Message)[..10], 0xff, 0xff, 0xff, 0xff]), "gzip"),
        ["no deflate"] = (Framed(1, Message), "deflate"),
    };

    public static TheoryData<string> MalformedNames => [.. Malformed.Keys];

    [Theory]
    [MemberData(nameof(MalformedNames))]
    public async Task Call_MalformedFrame_IsInvalid(string name)
    {
        var (body, encoding) = Malformed[name];
        foreach (var method in (string[])["genai.chats.v1.Chats/CreateChat", "genai.chats.v1.Chats/SendMessageStream", "grpc.health.v1.Health/Check"])
        {
            Assert.Equal((StatusCode.InvalidArgument, "MALFORMED_REQUEST"), await CallAsync(method, body, encoding));
        }
    }

    [Fact]
    public async Task Health_BytesOfNoMessage_IsInvalid() =>
        Assert.Equal(StatusCode.InvalidArgument, (await CallAsync("grpc.health.v1.Health/Check", Framed(0, [0x0a, 0x05]), null)).Code);

    [Fact]
    public async Task Reflection_MalformedFrame_IsInvalid() => Assert.Equal(
        (StatusCode.InvalidArgument, "MALFORMED_REQUEST"),
        await CallAsync("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", [2, 0, 0, 0, 0], null));

    [Theory]
    [InlineData(0xffffffff)]
    [InlineData(0x80000000)]
    [InlineData(0x7fffffff)]
    [InlineData(MaxMessageBytes + 1)]
    public async Task Call_LengthOverTheLimit_IsRejected(uint length)
    {
        byte[] body = [0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length, .. Message];

        Assert.Equal((StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE"), await CallAsync("genai.chats.v1.Chats/CreateChat", body, null));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Call_UnpacksToMoreThanTheLimit_IsRejected(string encoding)
    {
        var body = Framed(1, Packed(new byte[MaxMessageBytes + 1], encoding));
        Assert.True(body.Length < 1024 * 1024);

        Assert.Equal((StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE"), await CallAsync("genai.chats.v1.Chats/CreateChat", body, encoding));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Call_WellFormedFrame_IsAnswered(string? encoding)
    {
        var body = encoding is null ? Framed(0, Message) : Framed(1, Packed(Message, encoding));

        Assert.Equal((StatusCode.OK, ""), await CallAsync("genai.chats.v1.Chats/CreateChat", body, encoding));
    }

    [Fact]
    public async Task Call_UnknownCompression_IsUnimplemented() =>
        Assert.Equal((StatusCode.Unimplemented, ""), await CallAsync("genai.chats.v1.Chats/CreateChat", Framed(1, Message), "snappy"));

    private static byte[] Framed(byte flag, byte[] message) =>
        [flag, (byte)(message.Length >> 24), (byte)(message.Length >> 16), (byte)(message.Length >> 8), (byte)message.Length, .. message];

    private static byte[] Packed(byte[] message, string encoding = "gzip")
    {
        var packed = new MemoryStream();
        using (Stream stream = encoding == "gzip" ? new GZipStream(packed, CompressionLevel.Optimal) : new ZLibStream(packed, CompressionLevel.Optimal))
        {
            stream.Write(message);
        }

        return packed.ToArray();
    }

    private async Task<(StatusCode Code, string Reason)> CallAsync(string method, byte[] body, string? encoding)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Server.Addresses.Grpc, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        if (encoding is not null)
        {
            request.Headers.Add("grpc-encoding", encoding);
        }

        using var response = await http.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        var trailers = response.Headers.Concat(response.TrailingHeaders).ToDictionary(header => header.Key, header => header.Value.Single());
        var status = trailers.TryGetValue("grpc-status-details-bin", out var details)
            ? Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '=')))
            : new Google.Rpc.Status();
        return ((StatusCode)int.Parse(trailers["grpc-status"], System.Globalization.CultureInfo.InvariantCulture), status.GetDetail<ErrorInfo>()?.Reason ?? "");
    }
}
