using System.IO.Compression;
using Grpc.Net.Compression;

namespace GenAI.Chats.Api.Frames;

/// <summary>
/// Limits the decompressed size of messages. The gRPC server only limits the compressed size, and a few megabytes can decompress to gigabytes. Data that can't be
/// decompressed is an error of the client.
/// </summary>
internal sealed class BoundedDecompression(ICompressionProvider inner, int maxBytes, ILogger logger) : ICompressionProvider
{
    private const int BufferSize = 64 * 1024;

    /// <inheritdoc/>
    public string EncodingName => inner.EncodingName;

    /// <inheritdoc/>
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) => inner.CreateCompressionStream(stream, compressionLevel);

    /// <summary>Decompresses the message at once, so that its size is known.</summary>
    public Stream CreateDecompressionStream(Stream stream)
    {
        using var source = inner.CreateDecompressionStream(stream);
        var message = new MemoryStream();
        var buffer = new byte[BufferSize];
        try
        {
            for (int read; (read = source.Read(buffer)) > 0;)
            {
                message.Write(buffer, 0, read);
                if (message.Length > maxBytes)
                {
                    throw ErrorLog.Logged(logger, RpcErrors.MessageTooLarge(maxBytes));
                }
            }
        }
        catch (InvalidDataException failure)
        {
            throw ErrorLog.Logged(logger, RpcErrors.MalformedFrame(failure.Message));
        }

        message.Position = 0;
        return message;
    }
}
